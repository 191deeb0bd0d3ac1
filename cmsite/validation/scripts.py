"""Value rules over the meta of one script that a schema cannot say: versions, names of variations.

Source: `_get_variation_groups` and `run` of the automation `script` of cm4mlops and mlperf-automations, and
`validate_meta` of mlcflow 1.3.8 (mlc/meta_schema.py), which `mlc lint script` runs too.
"""

from collections.abc import Iterator
from typing import Any

from cmsite.documents import Document, Problem, join_pointer
from cmsite.validation.problems import problem

DEPENDENCY_LISTS = ("deps", "prehook_deps", "posthook_deps", "post_deps")
_CHANGES = ("adr", "ad", "add_deps", "add_deps_recursive")
_VERSIONS = ("version_max", "version_max_usable", "version_min", "version", "default_version")
_CHECKED_BY_MLC = ("version", "version_min")  # In its rule file, where any number is an error.
# Keys of a variation that are no words anybody names a variation by; `mlc lint script` takes the same ones.
_KEYS_OF_VARIATIONS = frozenset(
    {
        *("ad", "add_deps", "add_deps_recursive", "add_deps_tags", "adr", "alias", "base", "cache"),
        *("cache_expiration", "const", "default", "default_env", "default_variation", "default_variations"),
        *("default_version", "deps", "docker", "apptainer", "env", "force_cache", "group", "names", "new_env_keys"),
        *("new_state_keys", "post_deps", "posthook_deps", "prehook_deps", "required_disk_space", "state"),
        *("update_meta_if_env", "warning", "warnings"),
    }
)
_NAMES_TOO = frozenset({"default", "base", "env", "ad", "cache", "state", "alias", "warning", "const"})
_NO_NAMES = _KEYS_OF_VARIATIONS - _NAMES_TOO

Path = tuple[str | int, ...]


def check_script(document: Document, format_: str) -> Iterator[Problem]:
    """Yield what is wrong with the values of a script's meta."""
    meta = document.data
    yield from _versions(document, meta, (), format_)
    for key in ("variations", "versions"):
        sections = meta.get(key)
        if isinstance(sections, dict):
            for name, section in sections.items():
                if isinstance(section, dict):
                    yield from _versions(document, section, (key, name), format_)
    variations = meta.get("variations")
    if isinstance(variations, dict):
        yield from _names(document, variations)


def _versions(document: Document, section: dict[Any, Any], path: Path, format_: str) -> Iterator[Problem]:
    if "default_version" in section or "version" in section:
        yield from _numbers(document, section, path, format_)
    for key in DEPENDENCY_LISTS:
        entries = section.get(key)
        if entries and isinstance(entries, list):
            for number, entry in enumerate(entries):
                if isinstance(entry, dict) and not entry.keys().isdisjoint(_VERSIONS):
                    yield from _numbers(document, entry, (*path, key, number), format_)
    for key in _CHANGES:
        entries = section.get(key)
        if entries and isinstance(entries, dict):
            for name, entry in entries.items():
                if isinstance(entry, dict) and not entry.keys().isdisjoint(_VERSIONS):
                    yield from _numbers(document, entry, (*path, key, name), format_)


def _numbers(document: Document, entry: dict[Any, Any], path: Path, format_: str) -> Iterator[Problem]:
    """Yield the versions that are numbers: CM stops at any, MLC makes a text of them, by then 3.10 is 3.1."""
    for key in _VERSIONS:
        value = entry.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        written = str(getattr(value, "literal", value))
        is_changed = written != str(value)
        if format_ == "mlc" and (key in _CHECKED_BY_MLC or not is_changed):
            continue
        became = f", and is read as {value}" if is_changed else ", at which `cm` fails when it runs the script"
        yield problem(
            "CM218",
            f"version {written[:40]} of `{key}` is a number in YAML{became}",
            document,
            join_pointer(*path, key),
            f'write "{written[:40]}" in quotes',
        )


def _names(document: Document, variations: dict[Any, Any]) -> Iterator[Problem]:
    for name, section in variations.items():
        if name in _NO_NAMES:
            yield problem(
                "CM217",
                f"variation {name!r} has the name of a key of variations",
                document,
                join_pointer("variations", name),
                "indent it below the variation it belongs to, or give it another name",
            )
        if not isinstance(section, dict):
            continue
        for key in section:
            if key in variations and key != name and key not in _KEYS_OF_VARIATIONS:
                yield problem(
                    "CM217",
                    f"key {key!r} of variation {str(name)!r} is the name of another variation",
                    document,
                    join_pointer("variations", name, key),
                    "indent it as a variation of its own; nothing reads it here",
                )
