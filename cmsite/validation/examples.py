r"""The examples of the rules: for every code a small repository that has the defect, the exact report, and a mended one.

`registry/rules/examples/CMxxx.yaml`, one file a code, data only; tests run each, `cmsite explain` and the pages of the
rules show it. `parse_example` reads one:

    bad:                                  # path → content of every file of a small repository
      script/get-gcc/_cm.yaml: |
        alias: get-gcc
        ...
    expected: |                           # what `cmsite validate --select CODE` prints, without its last line (the sum)
      team: script/get-gcc/_cm.yaml
             2:1 error   CM106 uid 6152538690744623 is a number in YAML
      ...
    good:                                 # what is different once it is mended; `null` removes a file
      script/get-gcc/_cm.yaml: |
        ...

`CMSITE_REFRESH_GOLDEN=1 python -m pytest tests/test_rule_examples.py -k CM106` writes `expected:`; read it before you
commit it. The mended repository has no error and no warning at all. A content is

    a text
    null                                  only in `good`: the file is removed
    {text: "naïve", encoding: latin-1}    a text in another encoding
    {base64: AAEC}                        bytes
    {repeat: ["- x\n", 5000]}              a text, repeated
    [a, b, ...]                           several of these, joined
    {link: ../elsewhere}                  a symbolic link
    {fifo: true} or {folder: true}        a pipe, or an empty folder
    {archive: {path: content, ...}}       a zip or tar.gz archive, by the ending of its name or by `form: zip|tar.gz`
    {unreadable: text}                    a file that its reader may not read
    {cmr: name}                           a descriptor: alias `name` and a uid made of it

Where no descriptor is among the files, one is added with alias `team`: `cmr.yaml`, `meta.yaml` beside metas of MLC
only, `.ckr.json` beside CK. Not so beside a registry.yml or an archive, or with `descriptor: false`. Further keys:

    arguments: [a, --with, b]             of `cmsite validate`, run in the folder; by default none
    command: mlperf                       another command; `expected` are then the lines of its output that name the code,
                                          for `build` the report of what stands on the pages
    git: true                             everything is committed to git before

Source: STYLE.md of the project (golden errors: every rule has an invalid and a valid case, run through API and CLI).
"""

import base64
import enum
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from cmsite import documents
from cmsite.errors import ConfigurationError

TEAM = "team"
_KEYS = ("bad", "expected", "good", "arguments", "command", "git", "descriptor")
_DESCRIPTORS = ("cmr.yaml", "cmr.json", ".ckr.json", "registry.yml")
_SHOWN_REPEATS = 3  # Repetitions up to here are shown in full.


class FileKind(enum.Enum):
    """What an example writes at a path."""

    FILE = "file"
    LINK = "link"
    FIFO = "fifo"
    FOLDER = "folder"
    ZIP = "zip"
    TAR = "tar"
    UNREADABLE = "unreadable"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFile:
    """One file of an example: `content` are its bytes, or a link's target; `members` are what an archive holds.

    `shown` is how a page shows it, `remark` what must be said beside it ("in Latin-1", "a symbolic link").
    """

    path: str
    kind: FileKind = FileKind.FILE
    content: bytes = b""
    members: tuple["ExampleFile", ...] = ()
    shown: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One parsed example file; `good` are the files that differ from `bad`."""

    code: str
    bad: tuple[ExampleFile, ...]
    expected: str
    good: tuple[ExampleFile, ...]
    arguments: tuple[str, ...] = ()
    command: str = "validate"
    git: bool = False
    descriptor: bool = True

    def repository(self, *, mended: bool) -> tuple[ExampleFile, ...]:
        """Return all files of the bad or of the mended repository, the descriptor that is understood included."""
        files = {item.path: item for item in self.bad}
        if mended:
            files |= {item.path: item for item in self.good}
        kept = tuple(item for item in files.values() if item.kind is not FileKind.REMOVED)
        return (*self._understood(kept), *kept)

    def _understood(self, files: tuple[ExampleFile, ...]) -> tuple[ExampleFile, ...]:
        paths = [PurePosixPath(item.path) for item in files]
        given = any(path.name in _DESCRIPTORS or path.as_posix() == "meta.yaml" for path in paths)
        packed = any(item.kind in (FileKind.ZIP, FileKind.TAR) for item in files)
        if given or packed or not self.descriptor or self.command != "validate":
            return ()
        if any(".cm" in path.parts for path in paths):
            data = {"data_uoa": TEAM, "data_uid": _uid_of(TEAM), "dict": {}}
            return (_file(".ckr.json", json.dumps(data)),)
        is_mlc = any(path.name in ("meta.yaml", "meta.json") for path in paths)
        is_cm = any(path.name.startswith("_cm.") for path in paths)
        return (_file("meta.yaml" if is_mlc and not is_cm else "cmr.yaml", _descriptor(TEAM)),)


def parse_example(name: str, content: bytes) -> Example:
    """Parse one example file, named by its code; raises `ConfigurationError` that names file, key and reason."""
    document = documents.parse(name, content)
    data = document.data
    if document.problems or not isinstance(data, dict):
        why = document.problems[0].message if document.problems else "must be a mapping"
        raise ConfigurationError(f"{name}: {why}")
    unknown = [key for key in data if key not in _KEYS]
    if unknown:
        raise ConfigurationError(f"{name}: unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}")
    for key in ("bad", "good"):
        if not isinstance(data.get(key), dict) or not data[key]:
            raise ConfigurationError(f"{name}: `{key}` must map paths to contents, at least one")
    return Example(
        code=name.rpartition("/")[2].removesuffix(".yaml"),
        bad=_files(data["bad"], name),
        expected=str(data.get("expected", "")),
        good=_files(data["good"], name),
        arguments=tuple(str(item) for item in data.get("arguments", ())),
        command=str(data.get("command", "validate")),
        git=data.get("git") is True,
        descriptor=data.get("descriptor") is not False,
    )


def parse_examples(files: Iterable[tuple[str, bytes]]) -> dict[str, Example]:
    """Return code → example of all files."""
    examples = (parse_example(name, content) for name, content in files)
    return {example.code: example for example in examples}


def with_expected(content: str, report: str) -> str:
    r"""Return the text of an example file with another `expected:`; everything else stays as it is written.

    >>> with_expected("bad: {a: b}\nexpected: |\n  old\ngood: {a: c}\n", "new\n  x")
    'bad: {a: b}\nexpected: |\n  new\n    x\ngood: {a: c}\n'
    """
    block = ["expected: |", *(f"  {line}" if line else "" for line in report.splitlines())]
    lines: list[str] = []
    is_inside = is_written = False
    for line in content.splitlines():
        if line[:1] not in ("", " ", "#"):
            is_inside = line.startswith("expected:")
            if is_inside or (line.startswith("good:") and not is_written):
                lines.extend(block)
                is_written = True
        if not is_inside:
            lines.append(line)
    return "\n".join(lines if is_written else [*lines, *block]) + "\n"


def _files(contents: Mapping[Any, Any], name: str) -> tuple[ExampleFile, ...]:
    return tuple(_parsed(str(path), content, f"{name}: {path}") for path, content in contents.items())


def _parsed(path: str, content: Any, where: str) -> ExampleFile:
    kind, data, shown, remark = FileKind.FILE, b"", "", ""
    members: tuple[ExampleFile, ...] = ()
    match content:
        case None:
            kind, remark = FileKind.REMOVED, "removed"
        case {"link": str(target)}:
            kind, data, shown, remark = FileKind.LINK, target.encode(), f"→ {target}", "a symbolic link"
        case {"fifo": True}:
            kind, remark = FileKind.FIFO, "a named pipe"
        case {"folder": True}:
            kind, remark = FileKind.FOLDER, "an empty folder"
        case {"unreadable": str(text)}:
            kind, data, shown, remark = FileKind.UNREADABLE, text.encode(), text, "without the permission to read it"
        case {"archive": dict(packed)}:
            form = content.get("form") or ("zip" if path.endswith(".zip") else "tar.gz")
            kind, remark = FileKind.ZIP if form == "zip" else FileKind.TAR, f"a {form} archive that holds"
            members = _files(packed, where)
            shown = "\n".join(member.path for member in members)
        case _:
            return _joined(path, content, where)
    return ExampleFile(path=path, kind=kind, content=data, members=members, shown=shown, remark=remark)


def _joined(path: str, content: Any, where: str) -> ExampleFile:
    parts = [_part(item, where) for item in (content if isinstance(content, list) else [content])]
    remarks = dict.fromkeys(remark for _, _, remark in parts if remark)
    return ExampleFile(
        path=path,
        content=b"".join(data for data, _, _ in parts),
        shown="".join(shown for _, shown, _ in parts),
        remark=", ".join(remarks),
    )


def _part(content: Any, where: str) -> tuple[bytes, str, str]:
    """Return (bytes, how they are shown, remark) of one part of a file."""
    match content:
        case str():
            return content.encode("utf-8", "surrogatepass"), content, ""
        case {"text": str(text), "encoding": str(encoding)}:
            return text.encode(encoding), text, f"in {encoding}"
        case {"base64": str(text)}:
            data = base64.b64decode(text, validate=True)
            return data, " ".join(f"{byte:02x}" for byte in data), "bytes"
        case {"repeat": [str(text), int(times)]}:
            shown = text * times if times <= _SHOWN_REPEATS else f"{text * 2}… {times:,} times\n"
            return text.encode() * times, shown, ""
        case {"cmr": str(alias)}:
            text = _descriptor(alias)
            return text.encode(), text, ""
    raise ConfigurationError(f"{where}: is no content that examples know; see cmsite/validation/examples.py")


def _file(path: str, text: str) -> ExampleFile:
    return ExampleFile(path=path, content=text.encode(), shown=text)


def _descriptor(alias: str) -> str:
    return f'alias: {alias}\nuid: "{_uid_of(alias)}"\n'


def _uid_of(alias: str) -> str:
    return hashlib.sha256(alias.encode()).hexdigest()[:16]
