"""Rules for a foreign name before it becomes a path, and a register of names that would meet on some disk.

Answers are values: a `NameFault` says what is wrong and what to do, None means the name may be used. Nothing here
touches a disk. Names are `str` decoded from UTF-8 with `surrogateescape`: a lone surrogate is an invalid byte.
Source: facts/index.md §4 (attacks 1, 2, 19-28); the Windows rules are those of Microsoft's "Naming Files, Paths,
and Namespaces"; the comparison of the register is the canonical caseless match of the Unicode Standard, D145.
"""

import enum
import re
import unicodedata
from dataclasses import dataclass

MAX_DEPTH = 48  # parts; the deepest path of the public repositories has 8.
MAX_PATH_BYTES = 1024  # UTF-8 bytes; PATH_MAX of macOS.
MAX_PART_BYTES = 255  # UTF-8 bytes; NAME_MAX of ext4, APFS and NTFS (there in UTF-16 units).

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKING = frozenset({"Cc", "Zl", "Zp"})
# What HFS+ leaves out when it compares names, so that `.g\u200cit` opens `.git` (CVE-2014-9390).
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_GIT_FOLDERS = frozenset({".git", "git~1"})  # The second is the short name that NTFS gives to the first.
_WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)
_DRIVE = re.compile(r"[A-Za-z]:")
# Printable ASCII without the separators that other rules speak about: most names, so most checks end at once.
_PLAIN = re.compile(r"[A-Za-z0-9_+=,@%#!~()\[\]{}'&$;^ .\-]+(?:/[A-Za-z0-9_+=,@%#!~()\[\]{}'&$;^ .\-]+)*\Z")


class NameRule(enum.Enum):
    """What can be wrong with a name."""

    EMPTY = "empty"
    ABSOLUTE = "absolute"
    PARENT = "parent"
    EMPTY_PART = "empty part"
    BACKSLASH = "backslash"
    COLON = "colon"
    CONTROL = "control character"
    BIDI = "bidirectional control"
    ENCODING = "encoding"
    RESERVED = "reserved on Windows"
    TRAILING = "trailing dot or blank"
    GIT = "git folder"
    DEPTH = "depth"
    LENGTH = "length"
    DUPLICATE = "duplicate"
    FILE_AND_FOLDER = "file and folder"
    CASE = "case or normal form"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFault:
    """Why a name is refused: `message` says what and where, `hint` what to do."""

    rule: NameRule
    message: str
    hint: str


def shown(name: str) -> str:
    r"""Return a name as a message may print it: what a terminal could obey or not show is escaped.

    >>> shown("a\x1b[2Jb\u202e"), shown("caf\u00e9\udcff")
    ('a\\x1b[2Jb\\u202e', 'caf\xe9\\udcff')
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in name
    )


def check_member_name(
    name: str, *, writing: bool, max_depth: int = MAX_DEPTH, max_path_bytes: int = MAX_PATH_BYTES
) -> NameFault | None:
    """Return why a POSIX relative path may not be used, or None.

    `writing` adds the rule against `.git`: files there are read without harm, but written they are code that git runs.

    >>> check_member_name("script/a/_cm.yaml", writing=True) is None
    True
    >>> check_member_name("../a", writing=False).rule
    <NameRule.PARENT: 'parent'>
    """
    return (
        _check_whole(name, max_depth, max_path_bytes)
        or (None if _PLAIN.match(name) else _check_characters(name))
        or next((fault for part in name.split("/") if (fault := _check_part(name, part, writing=writing))), None)
    )


def fold(path: str) -> str:
    """Return the one form under which paths meet on a disk that ignores case or normal form.

    Source: the Unicode Standard, D145: toNFD(toCasefold(toNFD(X))).

    >>> fold("Straße/é") == fold("STRASSE/e\u0301")
    True
    """
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


class NameRegister:
    """Takes the checked names of one archive and says which of them cannot stand beside an earlier one."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, bool]] = {}

    def add(self, name: str, *, folder: bool = False) -> NameFault | None:
        """Return why this name meets an earlier one, or None after remembering it and the folders above it.

        A folder may be named any number of times, a file once.
        """
        claims = [(parent, True) for parent in _parents(name)] + [(name, folder)]
        for path, is_folder in claims:
            earlier = self._seen.get(fold(path))
            if earlier is not None and (fault := _meet(name, path, is_folder, *earlier)):
                return fault
        self._seen.update((fold(path), (path, is_folder)) for path, is_folder in claims)
        return None


def _fault(rule: NameRule, name: str, what: str, hint: str) -> NameFault:
    return NameFault(rule=rule, message=f"the name '{shown(name)[:200]}' {what}", hint=hint)


def _check_whole(name: str, max_depth: int, max_path_bytes: int) -> NameFault | None:
    if not name:
        return _fault(NameRule.EMPTY, name, "is empty", "name every member of the archive")
    if name.startswith("/"):
        return _fault(NameRule.ABSOLUTE, name, "is absolute", "pack with paths relative to the folder")
    if (length := len(name.encode("utf-8", "surrogatepass"))) > max_path_bytes:
        return _fault(
            NameRule.LENGTH, name, f"has {length} bytes, at most {max_path_bytes} are taken", "use a shorter path"
        )
    if (depth := name.count("/") + 1) > max_depth:
        return _fault(NameRule.DEPTH, name, f"has {depth} parts, at most {max_depth} are taken", "use fewer folders")
    return None


def _check_characters(name: str) -> NameFault | None:
    if name.startswith("\\\\"):
        return _fault(NameRule.BACKSLASH, name, "is a network path of Windows", "pack with relative paths")
    if "\\" in name:
        return _fault(NameRule.BACKSLASH, name, "holds a backslash, a separator on Windows", "separate folders by '/'")
    if ":" in name:
        what = "names a drive of Windows" if _DRIVE.match(name) else "holds a colon, which names a stream on Windows"
        return _fault(NameRule.COLON, name, what, "rename the file without the colon")
    return next((fault for character in name if (fault := _check_character(name, character))), None)


def _check_character(name: str, character: str) -> NameFault | None:
    if "\ud800" <= character <= "\udfff":
        return _fault(NameRule.ENCODING, name, "is not UTF-8", "rename the file in UTF-8")
    if character in _BIDI:
        return _fault(NameRule.BIDI, name, "holds a character that reverses the text beside it", "rename the file")
    if unicodedata.category(character) in _LINE_BREAKING:
        return _fault(NameRule.CONTROL, name, "holds a control character", "rename the file")
    return None


def _check_part(name: str, part: str, *, writing: bool) -> NameFault | None:
    if part == "..":
        return _fault(NameRule.PARENT, name, "leads out of the archive by '..'", "pack with paths below one folder")
    if part in ("", "."):
        return _fault(NameRule.EMPTY_PART, name, "has an empty part or a '.'", "pack with plain relative paths")
    if part.endswith((".", " ")):
        return _fault(
            NameRule.TRAILING,
            name,
            f"has the part '{shown(part)}' that ends in a dot or blank, which Windows drops",
            "rename it",
        )
    if len(part.encode("utf-8", "surrogatepass")) > MAX_PART_BYTES:
        return _fault(NameRule.LENGTH, name, f"has a part of more than {MAX_PART_BYTES} bytes", "use a shorter name")
    return _check_reserved(name, part, writing=writing)


def _check_reserved(name: str, part: str, *, writing: bool) -> NameFault | None:
    if part.split(".", 1)[0].rstrip(" ").casefold() in _WINDOWS_DEVICES:
        return _fault(NameRule.RESERVED, name, f"has the part '{part}', a device on Windows", "rename it")
    if writing and _HFS_IGNORED.sub("", part).casefold() in _GIT_FOLDERS:
        return _fault(NameRule.GIT, name, "lies in a git folder, whose hooks git runs", "leave .git out of the archive")
    return None


def _parents(name: str) -> list[str]:
    """Return the folders above a name, outermost first.

    >>> _parents("a/b/c")
    ['a', 'a/b']
    """
    parts = name.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def _meet(name: str, path: str, is_folder: bool, earlier: str, earlier_is_folder: bool) -> NameFault | None:  # noqa: FBT001 - both flags travel as pairs with their path.
    """Return what is wrong where `path`, a folder above `name` or itself, folds to an earlier name."""
    if path != earlier:
        what = f"differs from '{shown(earlier)}' only in case or normal form"
        return _fault(NameRule.CASE, name, what, "rename one of the two: on macOS and Windows they are one")
    if is_folder != earlier_is_folder:
        return _fault(
            NameRule.FILE_AND_FOLDER, name, f"needs '{shown(path)}' as a folder and as a file", "pack the archive anew"
        )
    if not is_folder:
        return _fault(NameRule.DUPLICATE, name, "stands in the archive twice", "pack the archive anew")
    return None
