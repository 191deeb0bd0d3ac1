"""What would stop a real client, at every command and for all its repositories, in the meta of one artifact. Pure.

`cm` stops at a `_cm.*` it cannot load or whose names are no texts; `mlc`, which looks at three automations only, at a
`meta.yaml` it cannot load and at a script's meta that fails its own check of the core keys.
Source: facts/formats.md §5 ("one bad file stops the client for all"), seen with cmind 4.2.0 and mlcflow 1.3.8.
"""

from dataclasses import dataclass
from typing import Any

from cmsite import documents
from cmsite.diagnostics import Severity

MLC_AUTOMATIONS = frozenset({"script", "cache", "experiment"})
_CORE_KEYS = ("alias", "uid", "automation_alias", "automation_uid")
_DEPENDENCY_LISTS = ("deps", "prehook_deps", "posthook_deps", "post_deps")
_KIND_WORDS: dict[type, str] = {str: "text", list: "list", dict: "mapping"}
_KINDS: dict[str, type] = {
    **dict.fromkeys(
        ("name", "category", "developers", "cache_expiration", "default_variation", "default_version"), str
    ),
    **dict.fromkeys(("tags", "new_env_keys", "new_state_keys", "clean_files", *_DEPENDENCY_LISTS), list),
    **dict.fromkeys(("env", "default_env", "variations", "default_variations", "versions", "docker", "tests"), dict),
}
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientVerdict:
    """Why a client would stop ("" where it would not; a verb phrase about the file), and the `_base` it would load."""

    stops: str = ""
    base: str = ""


def judge_meta(name: str, content: bytes, automation: str) -> ClientVerdict:
    """Judge one meta under the name it will have on disk.

    >>> judge_meta("_cm.yaml", b"uid: 6152538690744623", "script").stops
    'has `uid: 6152538690744623` without quotes, which is a number'
    """
    if name.startswith("_cm."):
        return _judge_for_cm(name, content)
    return ClientVerdict(stops=_judge_for_mlc(name, content, automation))


def names_in(name: str, content: bytes) -> tuple[str, str, str]:
    r"""Return what a meta says of itself: (uid, automation uid, automation alias), "" where it says none.

    >>> names_in("_cm.yaml", b"uid: '6152538690744623'\nautomation_alias: script")
    ('6152538690744623', '', 'script')
    """
    data, _ = _loaded(name, content)
    uid, automation_uid, automation = (data.get(key) for key in ("uid", "automation_uid", "automation_alias"))
    return (_text(uid), _text(automation_uid), _text(automation))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _judge_for_cm(name: str, content: bytes) -> ClientVerdict:
    data, stops = _loaded(name, content)
    if stops:
        return ClientVerdict(stops=stops)
    stops = next((fault for key in _CORE_KEYS if (fault := _fault_of_name(data, key))), "")
    base = data.get("_base")
    if not stops and base is not None and not (isinstance(base, str) and "::" in base):
        stops = f"has a `_base` that is not written automation::artifact, but {str(base)[:80]!r}"
    return ClientVerdict(stops=stops, base=base if isinstance(base, str) and not stops else "")


def _judge_for_mlc(name: str, content: bytes, automation: str) -> str:
    if automation not in MLC_AUTOMATIONS:
        return ""
    data, stops = _loaded(name, content)
    if stops:
        return stops
    named = next((fault for key in _CORE_KEYS if (fault := _fault_of_name(data, key))), "")
    return named or (_fault_of_script(data) if automation == "script" else "")


def _loaded(name: str, content: bytes) -> tuple[dict[str, Any], str]:
    """Return the data, or why the client cannot load it."""
    if name.endswith(".json") and content.startswith(_BOM):
        return {}, "begins with a byte order mark, at which a JSON reader stops"
    document = documents.parse(name, content)
    if document.data is None:
        problem = next((problem for problem in document.problems if problem.severity is Severity.ERROR), None)
        if problem is None:
            return {}, "is empty"
        place = f" (line {problem.place.line}, column {problem.place.column})" if problem.place else ""
        return {}, f"{problem.message}{place}"
    if not isinstance(document.data, dict):
        return {}, f"holds {type(document.data).__name__} instead of keys and values"
    return document.data, ""


def _fault_of_name(data: dict[str, Any], key: str) -> str:
    value = data.get(key, "")
    if isinstance(value, str):
        return ""
    spelling = getattr(value, "literal", value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"has `{key}: {str(spelling)[:40]}` without quotes, which is a number"
    return f"has `{key}: {str(spelling)[:40]}`, which is no text"


def _fault_of_script(data: dict[str, Any]) -> str:
    """Return why `mlc`, which checks the types of scripts while it builds its index, would stop.

    Its check of single keys within variations, dependencies, docker and tests is not repeated here.
    """
    missing = [key for key in _CORE_KEYS if key not in data]
    if missing:
        return f"lacks {' and '.join(f'`{key}:`' for key in missing)}"
    for key, value in data.items():
        kind = _KINDS.get(key)
        if kind is not None and not isinstance(value, kind):
            return f"has `{key}:` that is no {_KIND_WORDS[kind]}"
    for key in _DEPENDENCY_LISTS:
        for number, entry in enumerate(data.get(key, [])):
            if not isinstance(entry, dict) or not isinstance(entry.get("tags", ""), str):
                return f"has an entry {number} of `{key}:` that is no mapping with a text as `tags:`"
    default, variations = data.get("default_variation"), data.get("variations")
    if default and isinstance(variations, dict) and default not in variations:
        return f"has the default variation {str(default)[:40]!r}, which is not among its variations"
    return ""
