"""Files that a meta names and a client needs, but that its folder does not hold. Pure.

Only keys that really name a file of the artifact's own folder, and only names without a variable:

* `script_name` of a script, at the top, of a variation or of a version: the client adds `.sh` or `.bat`, or takes one
  of `NAME-<system>.sh`, and stops where it was named and is missing.
  Source: `run` and `get_script_name` in automation/script/module.py of mlperf-automations and cm4mlops.
* CK: `source_files` of a program, `process_script` of a package, `dataset_files` of a dataset.
  Source: module/program, module/package of ctuning/ck-env and ck-autotuning.
"""

import difflib
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from cmsite.documents import Document, Problem, join_pointer
from cmsite.formats.layout import ArtifactFolder
from cmsite.model.repository import Format
from cmsite.validation.problems import problem

_ENDINGS = (".sh", ".bat")
_VARIABLE = re.compile(r"[$%<>{}*?\[\]]")
_CK_LISTS = {"program": "source_files", "dataset": "dataset_files"}
_CK_TEMPLATED = ("use_scripts_from_another_entry", "use_preprocess_scripts_from_another_entry", "path_to_scripts")


def check_named_files(folder: ArtifactFolder, automation: str, document: Document) -> Iterator[Problem]:
    """Yield a problem for each file that a meta names and its folder lacks."""
    data = document.data
    if not isinstance(data, dict):
        return
    if folder.format is Format.CK:
        yield from _ck(folder, automation, document, data)
    elif automation == "script":
        for pointer, name in _script_names(data):
            yield from _script(folder, document, pointer, name)


def _script_names(data: dict[Any, Any]) -> Iterator[tuple[str, str]]:
    places: list[tuple[str, Any]] = [("", data)] if "script_name" in data else []
    for group in ("variations", "versions"):
        below = data.get(group)
        if isinstance(below, dict):
            places.extend((join_pointer(group, key), value) for key, value in below.items())
    for pointer, value in places:
        name = value.get("script_name") if isinstance(value, dict) else None
        if isinstance(name, str) and name.strip() and not _VARIABLE.search(name):
            yield f"{pointer}/script_name", name.strip()


def _script(folder: ArtifactFolder, document: Document, pointer: str, name: str) -> Iterator[Problem]:
    files = {file.path for file in folder.files}
    if any(name + ending in files for ending in _ENDINGS):
        return
    if any(path.startswith(f"{name}-") and path.endswith(".sh") for path in files):
        return  # One for each system: `install-ubuntu.sh`.
    stem = next((name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending)), "")
    if stem and any(stem + ending in files for ending in _ENDINGS):
        message = f"the client adds an ending to {name!r} and looks for {name + '.sh'!r}, which is not there"
        yield problem("CM411", message, document, pointer, f"write {stem!r}, without an ending")
        return
    here = [path.rsplit(".", 1)[0] for path in files if path.endswith(_ENDINGS) and "/" not in path]
    near = difflib.get_close_matches(name[:100], sorted(here), n=1)
    message = f"there is neither {name + '.sh'!r} nor {name + '.bat'!r} in the folder"
    hint = f"did you mean {near[0]!r}?" if near else "add the file, or correct the name"
    yield problem("CM411", message, document, pointer, hint)


def _ck(folder: ArtifactFolder, automation: str, document: Document, data: dict[Any, Any]) -> Iterator[Problem]:
    key = _CK_LISTS.get(automation, "")
    listed = data.get(key)
    for number, name in enumerate(listed if isinstance(listed, list) else ()):
        if not _is_own_path(name) or (automation == "dataset" and "." not in name):  # Names of a data set may be stems.
            continue
        path = posixpath.normpath(name)
        if not any(file.path == path or file.path.startswith(f"{path}/") for file in folder.files):
            message = f"`{key}` names {name!r}, which is not in the folder"
            yield problem("CM411", message, document, join_pointer(key, number), "add the file, or correct the name")
    script = data.get("process_script")
    if (
        automation == "package"
        and isinstance(script, str)
        and _is_own_path(script)
        and not any(data.get(other) for other in _CK_TEMPLATED)
    ):
        files = {file.path for file in folder.files}
        if files.isdisjoint({script, *(script + ending for ending in (*_ENDINGS, ".py"))}):
            message = f"there is neither {script + '.sh'!r} nor {script + '.bat'!r} in the folder"
            yield problem("CM411", message, document, "/process_script", "add the file, or correct the name")


def _is_own_path(name: Any) -> bool:
    """Return whether a value names a file below the folder, without a variable."""
    if not isinstance(name, str) or not name.strip() or _VARIABLE.search(name) or "\\" in name:
        return False
    return not name.startswith("/") and not posixpath.normpath(name).startswith("..")
