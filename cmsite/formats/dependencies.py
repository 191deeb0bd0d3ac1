"""Dependency entries of a meta, wherever the clients read them.

Source: facts/formats.md §1 (tags: `_variation` stripped before matching, `-tag` excludes), CONTRACT §10.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from cmsite.documents import join_pointer
from cmsite.formats.fields import spelled
from cmsite.model.dependency import Dependency
from cmsite.model.names import NO_NAME, parse_pair

SCRIPT_KINDS = ("deps", "prehook_deps", "posthook_deps", "post_deps", "build_deps")
_MAX_REMEMBERED = 200  # Characters.
_CONDITIONS = ("enable_if_env", "skip_if_env", "enable_if_any_env", "skip_if_any_env")


def parse_dependencies(meta: dict[str, Any]) -> tuple[Dependency, ...]:
    """Return every entry of the meta's dependency lists, in source order.

    Lists stand at the top, under `docker`, under each of `variations` (and its `docker`) and each of `versions`.
    """
    found = [*_in_section(meta, (), ""), *_in_section(meta.get("docker"), ("docker",), "docker")]
    for group in ("variations", "versions"):
        sections = meta.get(group)
        for name, section in sections.items() if isinstance(sections, dict) else ():
            within = f"{group[:-1]} {spelled(name)}"
            found.extend(_in_section(section, (group, name), within))
            if isinstance(section, dict) and "docker" in section:
                found.extend(_in_section(section["docker"], (group, name, "docker"), f"{within}, docker"))
    return tuple(found)


def _in_section(section: Any, path: tuple[Any, ...], within: str) -> Iterator[Dependency]:
    if not isinstance(section, dict):
        return
    for kind in SCRIPT_KINDS:
        entries = section.get(kind)
        if not isinstance(entries, list):
            continue
        for number, entry in enumerate(entries):
            if isinstance(entry, dict):
                dependency = _parse_entry(entry, kind, join_pointer(*path, kind, number), within)
                if dependency is not None:
                    yield dependency


def _parse_entry(entry: dict[str, Any], kind: str, pointer: str, within: str) -> Dependency | None:
    tags, excluded, variations = split_tags(spelled(entry.get("tags")))
    target = parse_pair(spelled(entry.get("artifact")))
    if not tags and target == NO_NAME:
        return None
    return Dependency(
        kind=kind,
        pointer=pointer + ("/tags" if tags else ""),
        tags=tags,
        excluded=excluded,
        variations=variations,
        target=target if not tags else NO_NAME,
        automation=parse_pair(spelled(entry.get("automation"))),
        condition=_condition(entry),
        within=within,
        dynamic=any(key.startswith("update_tags_from_env") for key in entry if isinstance(key, str)),
    )


def split_tags(text: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return (tags that must match, tags that must not, variations) of a selection.

    Variations that are switched off (`-_name`) select nothing and are left out.

    >>> split_tags("get,dataset,_full,-old,-_small")
    (('get', 'dataset'), ('old',), ('full',))
    """
    return _split_again(text) if len(text) <= _MAX_REMEMBERED else _split(text)


def _split(text: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return (
        tuple(part for part in parts if not part.startswith(("_", "-"))),
        tuple(part[1:] for part in parts if part.startswith("-") and not part.startswith("-_")),
        tuple(part[1:] for part in parts if part.startswith("_")),
    )


_split_again = lru_cache(maxsize=1 << 13)(_split)  # Repositories ask for the same tags again and again.


def _condition(entry: dict[str, Any]) -> str:
    """Say in words when an entry applies: `if A is x or y; unless B is z`."""
    words = []
    for key in _CONDITIONS:
        values = entry.get(key)
        if not values or not isinstance(values, dict):
            continue
        joiner = " or " if "any" in key else " and "
        clauses = [
            f"{name} is {' or '.join(spelled(item) for item in (value if isinstance(value, list) else [value]))}"
            for name, value in values.items()
        ]
        words.append(("if " if key.startswith("enable") else "unless ") + joiner.join(clauses))
    return "; ".join(words)
