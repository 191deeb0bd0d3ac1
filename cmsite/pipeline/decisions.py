"""decisions.yml: what a publisher decided about published artifacts, one entry a decision, read by every build.

The file is a list beside registry.yml, written by `cmsite yank|deprecate|quarantine|purge|rename` or by hand; removing
an entry undoes it, but for a purge, whose bytes are gone. What an entry means for the index is `decided` and `renames`.
Source: CONTRACT §3, §13; docs/lifecycle.md.
"""

import enum
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cmsite import documents
from cmsite.diagnostics import Place
from cmsite.errors import ConfigurationError, UsageError
from cmsite.model.reference import Reference, parse_reference
from cmsite.settings import suggestion

FILE_NAME = "decisions.yml"
MAX_DECISIONS = 10_000
MAX_REASON = 500  # Characters.

_HEADER = """\
# What was decided about published artifacts. `cmsite build` reads this file: commit it beside registry.yml.
# Remove an entry to undo it; a purge stays, since its bytes are gone. See `cmsite yank --help`.
"""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_REVISION = re.compile(r"r[1-9][0-9]{0,8}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)

_TOP = Place(line=1, column=1)


class Action(enum.Enum):
    """What can be decided; the value is the word of the file and of the command."""

    YANK = "yank"
    DEPRECATE = "deprecate"
    QUARANTINE = "quarantine"
    PURGE = "purge"
    RENAME = "rename"


# Action → the keys that must be there, and those that may.
_KEYS: dict[Action, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Action.YANK: (("reference", "revision", "reason"), ("sha256", "date")),
    Action.DEPRECATE: (("reference", "reason"), ("use", "date")),
    Action.QUARANTINE: (("reference", "reason"), ("date",)),
    Action.PURGE: (("reference", "reason"), ("revision", "sha256", "date")),
    Action.RENAME: (("reference", "to"), ("reason", "date")),
}
_ALL_KEYS = ("action", "reference", "revision", "sha256", "use", "to", "reason", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One entry.

    `reference` has no version; `revision` is 0 where the whole artifact is meant; `sha256` is the content digest of that
    revision, "" where the entry does not say it; `use` and `to` are references; `place` is where the entry begins.
    """

    action: Action
    reference: Reference
    reason: str = ""
    revision: int = 0
    sha256: str = ""
    use: Reference | None = None
    to: Reference | None = None
    date: str = ""
    place: Place = _TOP

    def says_the_same(self, other: "Decision") -> bool:
        """Return whether both decide the same about the same, whatever their reasons."""
        return _essence(self) == _essence(other)


def decisions_path(registry_yml: Path) -> Path:
    """Return where the decisions of a catalogue stand."""
    return registry_yml.parent / FILE_NAME


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """Return the entries of a file, nothing where there is no file.

    Raises `ConfigurationError` with every mistake and its place.
    """
    return parse_decisions(_content(path), path)


def parse_decisions(content: bytes, path: Path) -> tuple[Decision, ...]:
    """Return the entries of a file's bytes; raises as `read_decisions` does."""
    if not any(line.strip() and not line.lstrip().startswith(b"#") for line in content.splitlines()):
        return ()
    document = documents.parse(str(path), content)
    mistakes = [
        f"{path}:{problem.place.line if problem.place else 1}: {problem.message}; {problem.hint}"
        for problem in document.problems
    ]
    entries = document.data
    if not mistakes and not isinstance(entries, list):
        mistakes.append(f"{path}: must be a list of entries that begin with `- action:`, got {_kind(entries)}")
    if mistakes:
        raise ConfigurationError("\n".join(mistakes))
    if len(entries) > MAX_DECISIONS:
        raise ConfigurationError(f"{path}: {len(entries)} entries, at most {MAX_DECISIONS} are read")
    found = []
    for number, entry in enumerate(entries):
        reader = _Entry(path, document, f"/{number}")
        decision = reader.decision(entry)
        mistakes.extend(reader.mistakes)
        if decision is not None:
            found.append(decision)
    if mistakes:
        raise ConfigurationError("\n".join(mistakes))
    return tuple(found)


def appended(content: bytes, decision: Decision, path: Path) -> bytes:
    """Return a file's bytes with one more entry at the end; what stands there, comments too, is not touched.

    Raises `ConfigurationError` where the file is damaged, or written so that nothing can be put behind it.
    """
    before = parse_decisions(content, path)
    ending = "\r\n" if b"\r\n" in content else "\n"
    text = content.decode("utf-8") or _HEADER
    indent = min(_ITEM.findall(text), default="", key=len)
    entry = "".join(f"{indent}{line}{ending}" for line in _lines(decision))
    after = (text if text.endswith("\n") else text + ending) + entry
    try:
        read = parse_decisions(after.encode(), path)
    except ConfigurationError:
        read = ()
    if len(read) != len(before) + 1 or not read[-1].says_the_same(decision):
        raise ConfigurationError(
            f"{path}: the list is not written with one `- action:` a line, so nothing can be added to it; "
            f"write this entry yourself:\n{entry}"
        )
    return after.encode()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}; check its permissions") from error


def _lines(decision: Decision) -> list[str]:
    values = [
        ("reference", _quoted(decision.reference.text)),
        ("revision", f"r{decision.revision}" if decision.revision else ""),
        ("sha256", _quoted(decision.sha256)),
        ("use", _quoted(decision.use.text if decision.use else "")),
        ("to", _quoted(decision.to.text if decision.to else "")),
        ("reason", _quoted(decision.reason)),
        ("date", decision.date),
    ]
    return [f"- action: {decision.action.value}", *(f"  {key}: {value}" for key, value in values if value)]


def _quoted(text: str) -> str:
    """Return a text in the double quotes that YAML and JSON share."""
    return json.dumps(text, ensure_ascii=False) if text else ""


def _essence(decision: Decision) -> tuple[object, ...]:
    texts = (item.text if item else "" for item in (decision.reference, decision.use, decision.to))
    return (decision.action, *texts, decision.revision, decision.sha256)


class _Entry:
    """Reads one entry, collecting mistakes."""

    def __init__(self, path: Path, document: documents.Document, pointer: str) -> None:
        self.path, self.document, self.pointer = path, document, pointer
        self.mistakes: list[str] = []

    def decision(self, entry: Any) -> Decision | None:
        """Return the decision, None where it cannot be told."""
        if not isinstance(entry, dict):
            self.mistake("", f"must be a mapping that begins with `action:`, got {_kind(entry)}")
            return None
        self.check_known(entry)
        words = tuple(action.value for action in Action)
        word = str(entry.get("action", ""))
        if word not in words:
            self.mistake(
                "/action", f"needs `action:`, one of {', '.join(words)}, got {word!r}{suggestion(word, words)}"
            )
            return None
        action = Action(word)
        self.check_keys(entry, action)
        values = {key: self.text(entry, key) for key in _ALL_KEYS}
        if self.mistakes:
            return None
        decision = Decision(
            action=action,
            reference=self.reference(values, "reference") or Reference(text=""),
            reason=values["reason"],
            revision=self.revision(values["revision"]),
            sha256=values["sha256"],
            use=self.reference(values, "use"),
            to=self.reference(values, "to"),
            date=values["date"],
            place=self.document.place(self.pointer) or _TOP,
        )
        self.check_values(decision)
        return decision

    def check_known(self, entry: dict[Any, Any]) -> None:
        for key in entry:
            if key not in _ALL_KEYS:
                meant = suggestion(str(key), _ALL_KEYS)
                self.mistake(f"/{key}", f"unknown key {str(key)!r}{meant} (known: {', '.join(_ALL_KEYS)})")

    def check_keys(self, entry: dict[Any, Any], action: Action) -> None:
        needed, allowed = _KEYS[action]
        for key in entry:
            if key in _ALL_KEYS and key not in ("action", *needed, *allowed):
                others = ", ".join(other.value for other, keys in _KEYS.items() if key in (*keys[0], *keys[1]))
                self.mistake(f"/{key}", f"`{key}` says nothing of `{action.value}`, only of {others}")
        for key in needed:
            if entry.get(key) in (None, ""):
                hint = ", for instance `revision: r2`" if key == "revision" else ""
                self.mistake("", f"`{action.value}` needs `{key}:`{hint}, which is missing or empty")

    def check_values(self, decision: Decision) -> None:
        if decision.sha256 and not _SHA256.match(decision.sha256):
            self.mistake("/sha256", f"must be 64 hexadecimal digits in lower case, got {decision.sha256[:80]!r}")
        if decision.date and not _DAY.match(decision.date):
            self.mistake("/date", f"must be a day such as 2027-01-31, got {decision.date[:40]!r}")
        fault = reason_fault(decision.reason)
        if fault:
            self.mistake("/reason", fault)
        for key, reference in (("reference", decision.reference), ("to", decision.to)):
            if decision.action is Action.RENAME and reference is not None and not reference.key:
                self.mistake(f"/{key}", f"a rename needs automation and alias, got {reference.text!r}")

    def reference(self, values: dict[str, str], key: str) -> Reference | None:
        text = values[key]
        if not text:
            return None
        try:
            reference = parse_reference(text)
        except UsageError as error:
            self.mistake(f"/{key}", str(error))
            return None
        if reference.pin is not None:
            self.mistake(
                f"/{key}", f"must be without a version, got {text!r}; a revision has its own key: `revision: r2`"
            )
        if reference.page is not None or reference.site or reference.variations:
            self.mistake(f"/{key}", f"must be repository/automation:alias,uid, got {text!r}")
        return reference

    def revision(self, text: str) -> int:
        if text and not _REVISION.match(text):
            self.mistake("/revision", f"must be r1, r2, …, got {text[:40]!r}")
            return 0
        return int(text[1:]) if text else 0

    def text(self, entry: dict[Any, Any], key: str) -> str:
        value = entry.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        if key == "date":
            return str(getattr(value, "literal", value))
        self.mistake(f"/{key}", f"`{key}` must be a text, got {_kind(value)}: put it in quotes")
        return ""

    def mistake(self, pointer: str, message: str) -> None:
        place = self.document.place(self.pointer + pointer)
        where = f":{place.line}:{place.column}" if place else ""
        self.mistakes.append(f"{self.path}{where}: {message}")


def reason_fault(reason: str) -> str:
    """Return what is wrong with a reason, "" where it can be published.

    >>> reason_fault("leaks a key"), reason_fault("")
    ('', '')
    """
    if len(reason) > MAX_REASON:
        return f"the reason has {len(reason)} characters, at most {MAX_REASON} are published"
    if not reason.isprintable() or any("\ud800" <= sign <= "\udfff" for sign in reason):
        return "the reason must be one line of printable characters"
    return ""


def _kind(value: Any) -> str:
    names = ((bool, "true/false"), (dict, "a mapping"), (list, "a list"), (str, "a text"), (int | float, "a number"))
    return next((name for type_, name in names if isinstance(value, type_)), "nothing" if value is None else "a value")
