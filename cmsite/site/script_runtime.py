"""What a script does when it runs, as far as its metadata and its own files show it: seen, not promised.

Looks for words, runs nothing and follows nothing: what dependencies do stands on their pages.
Source: DESIGN §6 ("at run time"); facts/formats.md §6.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cmsite.errors import SourceError
from cmsite.formats.fields import spelled
from cmsite.model.artifact import Artifact, ArtifactFile
from cmsite.model.dependency import Dependency
from cmsite.site.context import SiteContext
from cmsite.site.text import plain
from cmsite.site.view_rows import Bounded, TypeSection, bounded

MAX_ROWS = 12
MAX_ADDRESSES = 6  # Rows of addresses.
MAX_ITEMS = 8  # Names in one row.
MAX_FILES = 8  # Scripts that are looked at.
MAX_FILE_BYTES = 100_000
MAX_SECTIONS = 400  # Variations and versions that are looked at.

# What is seen, by whom and where: (topic, names, words, place).
Row = tuple[str, Bounded, str, str]

_ADDRESS_KEY = re.compile(r"(?:CM|MLC)_\w*(?<!PIP)(?<!INDEX)_?(?:URL|REPO)\w*\Z")
_PIN_KEY = re.compile(r"\w*(?:CHECKSUM|SHA256|MD5|GIT_SHA|CHECKOUT_SHA|GIT_CHECKOUT_TAG)\w*\Z")
_ADDRESS = re.compile(r"(?:https?|ftp|git|ssh|s3|gs)://|git@")
_ADDRESS_VARIATION = re.compile(r"(?:url|repo)\.")

_DOWNLOADERS = frozenset({"download-and-extract", "download", "download-file", "downloader", "wget"})
_ACCELERATORS = frozenset(
    {"cuda", "cudnn", "tensorrt", "nvidia", "rocm", "hip", "qaic", "tpu", "habana", "oneapi", "cuda-devices", "rocm-devices", "xpu", "gpu"}
)  # fmt: skip


def _word(command: str) -> re.Pattern[bytes]:
    """Return what finds a command outside of lines that are comments."""
    return re.compile(rb"(?m)^(?![ \t]*(?:#|::|rem ))[^\n]{0,2000}?(?<![\w.-])" + command.encode() + rb"(?![\w-])")


_INSTALL = r"[ \t]+(?:-\S+[ \t]+)*install"
# Topic → what is shown, what a file must hold to be looked at closely, and what finds it there.
_COMMANDS: tuple[tuple[str, str, bytes, re.Pattern[bytes]], ...] = (
    *(("Downloads", name, name.encode(), _word(name)) for name in ("wget", "curl", "aria2c", "rclone", "gdown", "huggingface-cli")),
    ("Downloads", "git clone", b"clone", _word(r"git[ \t]+(?:-\S+[ \t]+)*clone")),
    *(("Checks", name, name.encode(), _word(name)) for name in ("sha256sum", "md5sum")),
    ("Python packages", "pip install", b"pip", _word(r"pip3?" + _INSTALL)),
    ("Python packages", "conda install", b"conda", _word("conda" + _INSTALL)),
    *(("System packages", f"{name} install", b"install", _word(name + _INSTALL)) for name in ("apt", "apt-get", "dnf", "yum", "brew", "zypper")),
    ("Root", "sudo", b"sudo", _word("sudo")),
    ("Root", "CM_SUDO", b"CM_SUDO", re.compile(rb"CM_SUDO")),
    ("Root", "MLC_SUDO", b"MLC_SUDO", re.compile(rb"MLC_SUDO")),
    *(("Containers", f"docker {name}", b"docker", _word(rf"docker[ \t]+{name}")) for name in ("run", "build", "pull")),
)  # fmt: skip
_HINTS = tuple(dict.fromkeys(hint for _, _, hint, _ in _COMMANDS))


def runtime_section(context: SiteContext, artifact: Artifact) -> TypeSection:
    """Return the section: what was seen, or that nothing was, and what was looked at."""
    files = _scripts(artifact)
    rows = [*_of_meta(artifact.extra), *_of_dependencies(artifact.dependencies), *_of_files(context, artifact, files)]
    meta = artifact.meta_file.rpartition("/")[2]
    return TypeSection(
        title="At run time",
        anchor="at-run-time",
        template="sections/runtime.html",
        values={
            "rows": bounded(sorted(rows, key=lambda row: _ORDER.get(row[0], 99)), MAX_ROWS),
            "looked": (*((meta,) if meta else ()), *(file.path for file in files)),
        },
        covers=("docker", "docker_input_mapping", "warnings", "required_disk_space", "sudo_install"),
    )


_ORDER = {
    topic: number
    for number, topic in enumerate(
        ("Warning", "Downloads", "Clones", "Checks", "Python packages", "System packages", "Root", "Accelerator", "Disk space", "Containers")
    )
}  # fmt: skip


def _of_meta(meta: Mapping[str, Any]) -> Iterator[Row]:
    sections = list(_sections(meta))
    yield from _addresses(sections)
    for place, section in sections:
        for warning in _texts(section.get("warnings")) or _texts(section.get("warning")):
            yield ("Warning", Bounded(), plain(warning), place)
        if disk := spelled(section.get("required_disk_space")):
            yield ("Disk space", Bounded(), f"{disk} MB are asked for", place)
    if spelled(meta.get("sudo_install")).lower() in ("true", "yes"):
        yield ("Root", bounded(("sudo_install",), 1), "", "metadata")
    docker = _raw(meta.get("docker"))
    settings = [f"{name}: {plain(value)}" for name, value in docker.items() if not isinstance(value, list | dict)]
    if docker:
        yield ("Containers", bounded(settings, MAX_ITEMS), "" if settings else "settings are stated", "metadata")


def _sections(meta: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the meta, its variations and its versions, each with its name."""
    yield "metadata", meta
    for group in ("variations", "versions"):
        items = _raw(meta.get(group))
        for number, (name, body) in enumerate(items.items()):
            if number >= MAX_SECTIONS:
                break
            if isinstance(body, dict):
                yield (f"variation _{spelled(name)}" if group == "variations" else f"version {spelled(name)}"), body


def _addresses(sections: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[Row]:
    """Yield an address a row, the first of them, and a row for the rest."""
    found: dict[str, tuple[str, bool]] = {}
    for place, section in sections:
        for env in _environments(section):
            keys = [key for key in env if isinstance(key, str)]
            is_pinned = any(_PIN_KEY.match(key) and env[key] for key in keys)
            for key in keys:
                if "URL" not in key and "REPO" not in key:
                    continue
                value = env[key]
                if isinstance(value, str) and _ADDRESS.match(value) and _ADDRESS_KEY.match(key):
                    found.setdefault(value, (place, is_pinned))
    for address, (place, is_pinned) in list(found.items())[:MAX_ADDRESSES]:
        topic = "Clones" if address.endswith(".git") or address.startswith("git") else "Downloads"
        words = "a checksum or commit is stated beside it" if is_pinned else "nothing stated beside it pins its bytes"
        yield (topic, bounded((plain(address),), 1), words, place)
    if len(found) > MAX_ADDRESSES:
        pinned = sum(is_pinned for _, is_pinned in found.values())
        more = f"{len(found) - MAX_ADDRESSES} more addresses; of all {len(found)}, {pinned} with a checksum or commit"
        yield ("Downloads", Bounded(), more, "metadata")


def _environments(section: Mapping[str, Any]) -> Iterator[Mapping[Any, Any]]:
    for key in ("env", "default_env", "const"):
        if key in section:
            yield _raw(section[key])
    for kind in ("deps", "prehook_deps", "posthook_deps", "post_deps"):
        entries = section.get(kind)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and "env" in entry:
                yield _raw(entry["env"])


def _of_dependencies(dependencies: Iterable[Dependency]) -> Iterator[Row]:
    """Yield what the tags of dependencies tell by themselves."""
    seen: dict[str, dict[str, bool]] = {}
    for entry in dependencies:
        topic, names = _meaning(entry)
        if topic:
            always = not (entry.within or entry.condition)
            kinds = seen.setdefault(topic, {})
            for name in names:
                kinds[name] = kinds.get(name, False) or always
    for topic, found in seen.items():
        for always, words in ((True, ""), (False, "only with some variation or condition")):
            shown = [plain(name.removeprefix("package.")) for name, is_always in found.items() if is_always is always]
            if shown:
                yield (topic, bounded(shown, MAX_ITEMS), words, "dependencies")


def _meaning(entry: Dependency) -> tuple[str, tuple[str, ...]]:
    """Return the topic of a dependency and what to name; "" where its tags tell nothing."""
    tags = entry.tags
    if "generic-python-lib" in tags:
        return "Python packages", entry.variations
    if "sys-util" in tags or "generic-sys-util" in tags:
        return "System packages", entry.variations
    if not _DOWNLOADERS.isdisjoint(tags):
        return "Downloads", _named_addresses(entry) or (",".join(tags),)
    if "git" in tags and "repo" in tags:
        return "Clones", _named_addresses(entry) or (",".join(tags),)
    return ("", ()) if _ACCELERATORS.isdisjoint(tags) else ("Accelerator", (",".join(tags),))


def _named_addresses(entry: Dependency) -> tuple[str, ...]:
    return tuple(name.partition(".")[2] for name in entry.variations if _ADDRESS_VARIATION.match(name))


def _scripts(artifact: Artifact) -> tuple[ArtifactFile, ...]:
    """Return the files that CM and MLC run: shell scripts and customize.py beside the meta."""
    found = [
        file
        for file in artifact.files
        if (file.path.endswith(".sh") or file.path == "customize.py")
        and "/" not in file.path
        and file.size_bytes <= MAX_FILE_BYTES
    ]
    return tuple(found[:MAX_FILES])


def _of_files(context: SiteContext, artifact: Artifact, files: Iterable[ArtifactFile]) -> Iterator[Row]:
    seen: dict[tuple[str, str], list[str]] = {}
    for file in files:
        try:
            content = context.read(artifact, file.source)
        except SourceError:
            continue
        hints = {hint for hint in _HINTS if hint in content}
        if not hints:
            continue
        for topic, name, hint, pattern in _COMMANDS:
            if hint in hints and pattern.search(content):
                seen.setdefault((topic, file.path), []).append(name)
    for (topic, path), names in seen.items():
        yield (topic, bounded(names, MAX_ITEMS), "", path)


def _raw(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    return [text for item in (value if isinstance(value, list) else [value]) if (text := spelled(item))]
