"""Dependency entries of a meta, wherever the clients read them.

Source: facts/formats.md §1 (tags: `_variation` stripped before matching, `-tag` excludes), CONTRACT §10.
"""

from collections.abc import Iterator
from typing import Any

from cmsite.documents import join_pointer
from cmsite.formats.fields import spelled
from cmsite.model.dependency import Dependency
from cmsite.model.names import NO_NAME, parse_pair

SCRIPT_KINDS = ("deps", "prehook_deps", "posthook_deps", "post_deps", "build_deps")
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
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
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
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return (
        tuple(part for part in parts if not part.startswith(("_", "-"))),
        tuple(part[1:] for part in parts if part.startswith("-") and not part.startswith("-_")),
        tuple(part[1:] for part in parts if part.startswith("_")),
    )


def _condition(entry: dict[str, Any]) -> str:
    """Say in words when an entry applies: `if A is x or y; unless B is z`."""
    words = []
    for key in _CONDITIONS:
        values = entry.get(key)
        if not isinstance(values, dict) or not values:
            continue
        joiner = " or " if "any" in key else " and "
        clauses = [
            f"{name} is {' or '.join(spelled(item) for item in (value if isinstance(value, list) else [value]))}"
            for name, value in values.items()
        ]
        words.append(("if " if key.startswith("enable") else "unless ") + joiner.join(clauses))
    return "; ".join(words)
