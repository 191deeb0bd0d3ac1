"""Names of CM: uids, aliases, tags, references to automations, and the slugs of site addresses.

Identifiers are parsed once at the edge and keep their source spelling beside one normal form.
Source: facts/formats.md §1 (what the clients accept), CONTRACT §1, §2, §6.
"""

import hashlib
import re
import uuid
from typing import NamedTuple

UID_LENGTH = 16  # hexadecimal digits; CM draws uuid4().hex[:16].
MAX_SLUG_BYTES = 80  # CONTRACT §6.

_UID = re.compile(r"[.a-fA-F0-9]{16}\Z")
_SLUG = re.compile(r"[a-z0-9._-]+\Z")
_NOT_SLUG = re.compile(r"[^a-z0-9._-]+")
_SAFE_FOLDER = re.compile(r"[^/\\\x00-\x1f\x7f:]+\Z")
# What servers answer for a folder with: a folder of that name would stand where its parent's page does.
_SERVED_FOR_FOLDERS = frozenset({"index", "index.html"})
_WINDOWS_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)

# The automations whose artifacts hold claims and what others measured of them. Source: CONTRACT §9.
PAPER = "paper"
REPRODUCTION = "reproduction"
# The module of CK whose entries are papers with badges and without claims.
ARTICLE = "repro.article"
EXPERIENCE = "experience"

# Automations whose artifacts are read and never run: nobody reports that they work.
UNTRIED = frozenset([PAPER, REPRODUCTION, EXPERIENCE, ARTICLE, "report", "person", "contributor", "challenge"])

# Automation uid → alias, of the released CM, CMX and CK repositories and of cmsite itself.
# Source: facts/formats.md §1; CONTRACT §9 and docs/adr/0013 for the last five.
AUTOMATIONS: dict[str, str] = {
    "5b4e0237da074764": "script",
    "a0a2d123ef064bcb": "experiment",
    "3d84abd768f34e08": "challenge",
    "68eae17b590d4f8f": "contributor",
    "6462ecdba2054467": "report",
    "88dce9c160324c5d": "cfg",
    "541d6f712a6b464e": "cache",
    "2d90be7cab6e4d9f": "docker",
    "9558c9e6ca124065": "docs",
    "6882553224164c56": "project",
    "84d8ef6914bf4d78": "data",
    "dc2743f8450541e3": "utils",
    "55c3e27e8a140e48": "repo",
    "bbeb15d8f0a944a4": "automation",
    "3b7c4ac74c0647ee": "flex.task",
    "adb2bff868484dc6": "flex.experiment",
    "a8f882eae1924379": "flex.model",
    "2775c0d6e91f4fae": "flex.dataset",
    "8355483187ab4049": "flex.docker",
    "a346efb7d3314b33": "flex.compute",
    "ef97f06874474f39": "flex.code",
    "e0db585fbcf34f37": "flex.sys-tool",
    "9911c86491d84b7e": "paper",
    "34f9999284cc4817": "reproduction",
    "25c1aef1f1c94e3a": "notebook",
    "a8bbdd8b455447ba": "image",
    "d71102639c18c554": "experience",
}
AUTOMATION_UIDS: dict[str, str] = {alias: uid for uid, alias in AUTOMATIONS.items()}


def is_uid(text: object) -> bool:
    """Return whether the clients would take this value as a uid.

    >>> is_uid("5B4E0237da074764"), is_uid("script"), is_uid(6152538690744623)
    (True, False, False)
    """
    return isinstance(text, str) and _UID.match(text) is not None


def normal_uid(text: str) -> str:
    """Return the one form in which uids are compared: lower case.

    Source: facts/formats.md §1 (any case is accepted).
    """
    return text.lower()


def derived_uid(registry_id: str, repository: str, automation: str, path: str) -> str:
    """Return the uid of an artifact that has none of CM.

    Source: CONTRACT §1.

    >>> derived_uid("0" * 32, "team", "data", "a/b")
    '95afffaa62c252ae'
    """
    name = f"{registry_id}\n{repository}\n{automation}\n{path}"
    return uuid.uuid5(uuid.NAMESPACE_URL, name).hex[:UID_LENGTH]


def slug(name: str) -> str:
    """Return the one path segment that stands for a name in addresses.

    Lower-case `[a-z0-9._-]`; if that changed the name, or it is reserved on Windows, `index`, `index.html`, or over
    80 bytes, `-` and 8 hexadecimal digits of sha256(original) follow. Source: CONTRACT §6.

    >>> slug("get-dataset-coco"), slug("CON")
    ('get-dataset-coco', 'con-a3dbc4b6')
    """
    if (
        _SLUG.match(name)
        and len(name) <= MAX_SLUG_BYTES
        and name not in _SERVED_FOR_FOLDERS
        and name.strip(".") == name
        and name.split(".", 1)[0] not in _WINDOWS_RESERVED
    ):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    base = _NOT_SLUG.sub("-", name.lower()).strip("-.")[: MAX_SLUG_BYTES - 9].rstrip("-.")
    if base.split(".", 1)[0] in _WINDOWS_RESERVED:
        base = base.replace(".", "-", 1)  # `nul.txt-1234abcd` would still be the device on Windows.
    return f"{base}-{digest}" if base else digest


def is_safe_folder(name: str) -> bool:
    """Return whether a foreign name may become one folder on disk.

    Refused: separators, control characters, `.`, `..`, a leading `-` or `.`, a trailing dot or blank, drive colons,
    names reserved on Windows, over 255 bytes.

    >>> is_safe_folder("detect-os"), is_safe_folder(".."), is_safe_folder("a/b"), is_safe_folder("nul.txt")
    (True, False, False, False)
    """
    return (
        _SAFE_FOLDER.match(name) is not None
        and not name.startswith(("-", "."))
        and not name.endswith((".", " "))
        and name.split(".", 1)[0].strip().lower() not in _WINDOWS_RESERVED
        and len(name.encode("utf-8", "surrogatepass")) <= 255  # noqa: PLR2004 - NAME_MAX of every common file system.
    )


class NamePair(NamedTuple):
    """A name as CM writes it: an alias, a uid, or both (`alias,uid` or `uid,alias`)."""

    alias: str = ""
    uid: str = ""


NO_NAME = NamePair()


def parse_pair(text: str) -> NamePair:
    """Parse `alias`, `uid`, `alias,uid` or `uid,alias`; the uid is returned in its normal form.

    >>> parse_pair("script,5b4e0237da074764")
    NamePair(alias='script', uid='5b4e0237da074764')
    """
    if not text:
        return NO_NAME
    first, _, second = text.partition(",")
    first, second = first.strip(), second.strip()
    if is_uid(first) and not is_uid(second):
        return NamePair(alias=second, uid=normal_uid(first))
    if is_uid(second):
        return NamePair(alias=first, uid=normal_uid(second))
    return NamePair(alias=first)
