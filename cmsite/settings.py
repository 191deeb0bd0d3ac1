"""The configuration of a catalogue: registry.yml as a typed value.

Unknown keys and wrong types are errors that name file, line, column and what was meant; all are told. CONTRACT §5.
"""

import difflib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cmsite import documents
from cmsite.declared import ALL_RULES, CompatibleSpec, DerivedSpec, IgnoreSpec, RulesSpec
from cmsite.documents import Document
from cmsite.errors import ConfigurationError
from cmsite.member_names import check_member_name

SOURCE_KINDS = ("folder", "git", "archive", "notebook", "image")
DEFAULT_MAX_ARCHIVE_BYTES = 50_000_000  # CONTRACT §4.

_TOP_KEYS = (
    "title",
    "base_url",
    "registry_id",
    "contact",
    "description",
    "sources",
    "requires",
    "rules",
    "archives",
    "custom_dir",
    "experiments",
)
_SOURCE_KEYS = (*SOURCE_KINDS, "name", "subfolder", "ref", "sha256", "include", "exclude", "pins", "private", "bytes")
_DERIVED_KEYS = ("name", "expression", "unit", "lower_is_better", "tables")
_COMPATIBLE_KEYS = ("versions", "by", "benchmarks", "tables")
_REGISTRY_ID = re.compile(r"[0-9a-f]{32}\Z")
_CODE = re.compile(r"CM[0-9]{3}\Z")
_CODES = re.compile(r"CM[0-9]{0,3}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """One entry of `sources:`.

    `location` is as written (paths are relative to registry.yml); `ref` a branch, tag or commit of a git source;
    `pins` maps an artifact's path to its uid; `bytes` is `publish`, or `link` for records without bytes.
    """

    kind: str
    location: str
    name: str = ""
    subfolder: str = ""
    ref: str = ""
    sha256: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    pins: tuple[tuple[str, str], ...] = ()
    private: bool = False
    bytes: str = "publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """registry.yml.

    `path` is the file itself and `base` its folder; `preview` says that no registry_id was given and one was derived;
    `drafts` is asked for by `cmsite build --drafts` alone, never by the file.
    """

    path: Path
    title: str
    registry_id: str
    preview: bool = False
    base_url: str = ""
    contact: str = ""
    description: str = ""
    sources: tuple[SourceSpec, ...] = ()
    requires: tuple[SourceSpec, ...] = ()
    rules: RulesSpec = ALL_RULES
    derived: tuple[DerivedSpec, ...] = ()
    compatible: tuple[CompatibleSpec, ...] = ()
    custom_dir: str = ""
    max_archive_bytes: int = DEFAULT_MAX_ARCHIVE_BYTES
    drafts: bool = False

    @property
    def base(self) -> Path:
        """Return the folder that paths in registry.yml are relative to."""
        return self.path.parent


def default_path() -> Path:
    """Return `registry/registry.yml`, else `registry.yml`. Source: CONTRACT §13."""
    first = Path("registry") / "registry.yml"
    return first if first.is_file() else Path("registry.yml")


def load(path: Path) -> Settings:
    """Read registry.yml; raises `ConfigurationError` with every mistake and its place."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path}: there is no registry.yml here; name one with --config, or write one: `title: My artifacts`, `sources: [{{folder: artifacts}}]`"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    document = documents.parse(f"{path}.yaml" if path.suffix != ".json" else str(path), content)
    reader = _Reader(path, document)
    settings = reader.settings()
    if reader.mistakes:
        raise ConfigurationError("\n".join(reader.mistakes))
    return settings


def source_of_argument(text: str) -> SourceSpec:
    """Return the source that `--with SOURCE` names: a folder, an archive, or a git address (`#ref` may follow).

    >>> source_of_argument("https://example.org/team/repo#v2").ref
    'v2'
    """
    location, _, ref = text.partition("#")
    if re.match(r"(https?|ssh|git|file)://|git@", location):
        return SourceSpec(kind="git", location=location, ref=ref)
    kind = "archive" if os.path.isfile(location) else "folder"  # noqa: PTH113 - Path.is_file raises where it may not look.
    return SourceSpec(kind=kind, location=str(Path(location).absolute()), name=Path(location).name)


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """Return `; did you mean 'x'?` for the nearest known word, or nothing.

    >>> suggestion("sorces", ("sources", "title"))
    "; did you mean 'sources'?"
    """
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


class _Reader:
    """Reads one document, collecting mistakes; each getter returns a usable value even after a mistake."""

    def __init__(self, path: Path, document: Document) -> None:
        self.path = path
        self.document = document
        self.mistakes: list[str] = []
        for problem in document.problems:
            line = problem.place.line if problem.place else 1
            hint = "write `title:` and `sources:`" if problem.code == "CM006" else problem.hint
            self.mistakes.append(f"{path}:{line}: {problem.message}; {hint}")

    def settings(self) -> Settings:
        data = self.document.data
        if not isinstance(data, dict):
            if not self.mistakes:
                self.mistake("", f"must be a mapping with `title` and `sources`, got {_kind(data)}")
            data = {"title": "-", "sources": []}
        self.unknown_keys(data, _TOP_KEYS, "")
        title = self.text(data, "title", "", required=not self.mistakes)
        base_url = self.text(data, "base_url", "")
        if base_url and not is_address(base_url):
            self.mistake("/base_url", f"must be an http(s) address without ? and #, got {base_url!r}")
        registry_id = self.text(data, "registry_id", "")
        if registry_id and not _REGISTRY_ID.match(registry_id):
            self.mistake("/registry_id", f"must be 32 hexadecimal digits in lower case and quotes, got {registry_id!r}")
        if "sources" not in data and not self.mistakes:
            self.mistake("", "needs `sources:`, a list such as `- folder: artifacts`")
        experiments = self.mapping(data, "experiments", "")
        self.unknown_keys(experiments, ("derived", "compatible"), "/experiments")
        archives = self.mapping(data, "archives", "")
        self.unknown_keys(archives, ("max_bytes",), "/archives")
        return Settings(
            path=self.path,
            title=title,
            registry_id=registry_id or hashlib.sha256(f"cmsite\n{base_url or title}".encode()).hexdigest()[:32],
            preview=not registry_id,
            base_url=base_url if not base_url or base_url.endswith("/") else base_url + "/",
            contact=self.text(data, "contact", ""),
            description=self.text(data, "description", ""),
            sources=self.sources(data, "sources"),
            requires=self.sources(data, "requires"),
            rules=self.rules(data),
            derived=self.derived(experiments),
            compatible=self.compatible(experiments),
            custom_dir=self.text(data, "custom_dir", ""),
            max_archive_bytes=self.number(archives, "max_bytes", "/archives", DEFAULT_MAX_ARCHIVE_BYTES),
        )

    def sources(self, data: dict[str, Any], key: str) -> tuple[SourceSpec, ...]:
        entries = data.get(key, [])
        if not isinstance(entries, list):
            self.mistake(f"/{key}", f"must be a list such as `- folder: artifacts`, got {_kind(entries)}")
            return ()
        return tuple(
            spec for number, entry in enumerate(entries) if (spec := self.source(entry, f"/{key}/{number}")) is not None
        )

    def source(self, entry: Any, pointer: str) -> SourceSpec | None:
        if not isinstance(entry, dict):
            self.mistake(pointer, f"must be a mapping such as `folder: artifacts`, got {_kind(entry)}")
            return None
        self.unknown_keys(entry, _SOURCE_KEYS, pointer)
        kinds = [kind for kind in SOURCE_KINDS if kind in entry]
        if len(kinds) != 1:
            self.mistake(
                pointer, f"must have exactly one of {', '.join(SOURCE_KINDS)}, got {', '.join(kinds) or 'none'}"
            )
            return None
        sha256 = self.text(entry, "sha256", pointer)
        if sha256 and not _SHA256.match(sha256):
            self.mistake(f"{pointer}/sha256", f"must be 64 hexadecimal digits in lower case, got {sha256!r}")
        self.refuse_useless(entry, kinds[0], pointer)
        mode = self.text(entry, "bytes", pointer) or "publish"
        if mode not in ("publish", "link"):
            self.mistake(f"{pointer}/bytes", f"must be `publish` or `link`, got {mode!r}")
        return SourceSpec(
            kind=kinds[0],
            location=self.text(entry, kinds[0], pointer, required=True),
            name=self.text(entry, "name", pointer),
            subfolder=self.text(entry, "subfolder", pointer),
            ref=self.text(entry, "ref", pointer),
            sha256=sha256,
            include=self.texts(entry, "include", pointer),
            exclude=self.texts(entry, "exclude", pointer),
            pins=tuple(sorted((str(path), str(uid)) for path, uid in self.mapping(entry, "pins", pointer).items())),
            private=self.flag(entry, "private", pointer),
            bytes=mode,
        )

    def refuse_useless(self, entry: dict[str, Any], kind: str, pointer: str) -> None:
        """Refuse what would be ignored, above all where it looks like protection."""
        for key, needed in (("sha256", "archive"), ("ref", "git")):
            if key in entry and kind != needed:
                self.mistake(f"{pointer}/{key}", f"`{key}` says nothing of a {kind}, only of `{needed}:`")
        if entry.get("private") is True:
            self.mistake(f"{pointer}/private", "this version cannot keep a source private; leave it out of `sources`")
        name = entry.get("name")
        if isinstance(name, str) and name and ("/" in name or check_member_name(name, writing=True) is not None):
            self.mistake(f"{pointer}/name", f"`name` must be one that can be a folder, got {name!r}")

    def rules(self, data: dict[str, Any]) -> RulesSpec:
        rules = self.mapping(data, "rules", "")
        self.unknown_keys(rules, ("extends", "select", "ignore"), "/rules")
        select = self.texts(rules, "select", "/rules")
        for number, code in enumerate(select):
            if not _CODES.match(code):
                self.mistake(f"/rules/select/{number}", f"must be the beginning of a code such as CM3, got {code!r}")
        return RulesSpec(
            extends=self.texts(rules, "extends", "/rules") if "extends" in rules else ALL_RULES.extends,
            select=select,
            ignores=self.ignores(rules),
        )

    def ignores(self, rules: dict[str, Any]) -> tuple[IgnoreSpec, ...]:
        found = []
        entries = rules.get("ignore", [])
        if not isinstance(entries, list):
            self.mistake("/rules/ignore", f"must be a list, got {_kind(entries)}")
            return ()
        for number, entry in enumerate(entries):
            pointer = f"/rules/ignore/{number}"
            if not isinstance(entry, dict):
                self.mistake(pointer, f"must be a mapping with `code` and `reason`, got {_kind(entry)}")
                continue
            self.unknown_keys(entry, ("code", "paths", "reason", "until"), pointer)
            if not _CODE.match(str(entry.get("code", ""))):
                self.mistake(pointer, f"`code` must be one that `cmsite rules` lists, got {entry.get('code')!r}")
            if "until" in entry and not _DAY.match(str(entry["until"])):
                self.mistake(f"{pointer}/until", f"`until` must be a day such as 2027-01-01, got {entry['until']!r}")
            found.append(
                IgnoreSpec(
                    code=self.text(entry, "code", pointer, required=True),
                    reason=self.text(entry, "reason", pointer, required=True),
                    paths=self.texts(entry, "paths", pointer),
                    until=str(entry.get("until", "")),
                    place=self.document.place(pointer),
                )
            )
        return tuple(found)

    def derived(self, experiments: dict[str, Any]) -> tuple[DerivedSpec, ...]:
        entries = experiments.get("derived", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.mistake("/experiments/derived", "must be a list of mappings with `name` and `expression`")
            return ()
        found = []
        for number, entry in enumerate(entries):
            pointer = f"/experiments/derived/{number}"
            self.unknown_keys(entry, _DERIVED_KEYS, pointer)
            found.append(
                DerivedSpec(
                    place=self.document.place(pointer),
                    name=self.text(entry, "name", pointer, required=True),
                    expression=self.text(entry, "expression", pointer, required=True),
                    unit=self.text(entry, "unit", pointer),
                    lower_is_better=self.flag(entry, "lower_is_better", pointer)
                    if "lower_is_better" in entry
                    else None,
                    tables=self.texts(entry, "tables", pointer),
                )
            )
        return tuple(found)

    def compatible(self, experiments: dict[str, Any]) -> tuple[CompatibleSpec, ...]:
        entries = experiments.get("compatible", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.mistake("/experiments/compatible", "must be a list of mappings with `versions` and `by`")
            return ()
        found = []
        for number, entry in enumerate(entries):
            pointer = f"/experiments/compatible/{number}"
            self.unknown_keys(entry, _COMPATIBLE_KEYS, pointer)
            if not entry.get("versions"):
                self.mistake(pointer, "needs `versions:`, which is missing or empty")
            found.append(
                CompatibleSpec(
                    place=self.document.place(pointer),
                    versions=self.texts(entry, "versions", pointer),
                    by=self.text(entry, "by", pointer, required=True),
                    benchmarks=self.texts(entry, "benchmarks", pointer),
                    tables=self.texts(entry, "tables", pointer),
                )
            )
        return tuple(found)

    def text(self, data: dict[str, Any], key: str, parent: str, *, required: bool = False) -> str:
        value = data.get(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.mistake(parent, f"needs `{key}:`, which is missing or empty")
            return ""
        if not isinstance(value, str):
            self.mistake(f"{parent}/{key}", f"`{key}` must be a text, got {_kind(value)}: put it in quotes")
            return str(getattr(value, "literal", value))
        return value

    def texts(self, data: dict[str, Any], key: str, parent: str) -> tuple[str, ...]:
        value = data.get(key, [])
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.mistake(f"{parent}/{key}", f"`{key}` must be a list of texts, got {_kind(value)}")
            return ()
        return tuple(value)

    def mapping(self, data: dict[str, Any], key: str, parent: str) -> dict[str, Any]:
        value = data.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.mistake(f"{parent}/{key}", f"`{key}` must be a mapping, got {_kind(value)}")
            return {}
        return value

    def flag(self, data: dict[str, Any], key: str, parent: str) -> bool:
        value = data.get(key, False)
        if not isinstance(value, bool):
            self.mistake(f"{parent}/{key}", f"`{key}` must be true or false, got {value!r}")
        return value is True

    def number(self, data: dict[str, Any], key: str, parent: str, default: int) -> int:
        value = data.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.mistake(f"{parent}/{key}", f"`{key}` must be a whole number of bytes, got {value!r}")
            return default
        return value

    def unknown_keys(self, data: dict[str, Any], known: tuple[str, ...], parent: str) -> None:
        for key in data:
            if key not in known:
                self.mistake(
                    f"{parent}/{key}",
                    f"unknown key {str(key)!r}{suggestion(str(key), known)} (known: {', '.join(known)})",
                )

    def mistake(self, pointer: str, message: str) -> None:
        place = self.document.place(pointer) if self.document.text.strip() else None
        where = f":{place.line}:{place.column}" if place else ""
        self.mistakes.append(f"{self.path}{where}: {message}")


def is_address(text: str) -> bool:
    """Return whether a text can be `base_url`: an http(s) address without query and fragment."""
    try:
        port_is_fine = urlsplit(text).port != 0
    except ValueError:
        return False
    return port_is_fine and re.match(r"https?://[^\s?#]+\Z", text) is not None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true/false"
    names = ((dict, "a mapping"), (list, "a list"), (str, "a text"), (int | float, "a number"), (type(None), "nothing"))
    return next((name for type_, name in names if isinstance(value, type_)), type(value).__name__)
