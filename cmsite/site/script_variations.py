"""Variations and versions of a script: what one may choose, what is chosen by default, and what a choice does.

Source: script automation of CM and MLC: one variation of a group at most, `default` marks the group's own, `base`
names those it builds on, `default_variations` what it chooses in other groups, `a,b` is applied where both are chosen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cmsite.formats.fields import spelled
from cmsite.model.artifact import Artifact
from cmsite.site.text import counted, plain
from cmsite.site.view_rows import TypeSection, bounded, fitting

MAX_NAMES = 200  # Of variations; the largest script of the corpora has 158.
MAX_EFFECTS = 40  # Rows of what variations set.
MAX_VERSIONS = 60
MAX_KEYS = 3  # Names of environment keys in one row.

_DEPENDENCIES = ("deps", "prehook_deps", "posthook_deps", "post_deps")
_CHANGES = ("adr", "ad", "add_deps", "add_deps_recursive")
_TRUE = frozenset({"true", "yes", "on", "1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationGroup:
    """Variations of which one is chosen; the rows are (name, whether it is the default). "" names those alone."""

    name: str
    rows: tuple[tuple[str, bool], ...]


def variation_sections(artifact: Artifact) -> Iterable[TypeSection]:
    """Yield the section of the variations and that of the versions, where a script has them."""
    variations = _mapping(artifact.extra.get("variations"))
    if variations:
        yield TypeSection(
            title="Variations",
            anchor="variations",
            template="sections/variations.html",
            values=_variations(artifact.extra, variations),
            covers=("variations", "variation_groups_order", "default_variation", "default_variations"),
        )
    versions = _mapping(artifact.extra.get("versions"))
    default = spelled(artifact.extra.get("default_version"))
    if versions or default:
        yield TypeSection(
            title="Versions to choose",
            anchor="choose-version",
            template="sections/choices.html",
            values={
                "names": bounded([spelled(name) for name in versions], MAX_VERSIONS),
                "default": default,
                "limits": tuple(_limits(artifact.extra)),
            },
            covers=("versions", "default_version", "version_min", "version_max", "version_max_usable"),
        )


def _variations(meta: Mapping[str, Any], variations: dict[str, dict[str, Any]]) -> dict[str, Any]:
    names = fitting([(name,) for name in variations], MAX_NAMES, 1_800, markup=15).rows
    shown = {name: variations[name] for (name,) in names}
    grouped: dict[str, list[tuple[str, bool]]] = {}
    chosen = {spelled(meta.get("default_variation"))} | set(map(spelled, _values(meta.get("default_variations")))) - {
        ""
    }
    together = []
    for name, body in shown.items():
        if "," in name:
            together.append(name)
            continue
        is_default = name in chosen or spelled(body.get("default")).lower() in _TRUE
        grouped.setdefault(plain(body.get("group")), []).append((name, is_default))
    alone = grouped.pop("", [])
    effects = [row for name, body in shown.items() if (row := _effect(name, body))]
    return {
        "groups": tuple(VariationGroup(name=name, rows=tuple(rows)) for name, rows in grouped.items()),
        "alone": tuple(alone),
        "together": tuple(f"_{name.replace(',', ',_')}" for name in together),
        "effects": fitting(effects, MAX_EFFECTS, 900, markup=65),
        "left_out": len(variations) - len(shown),
    }


def _effect(name: str, body: dict[str, Any]) -> tuple[str, str, str, str] | None:
    """Return (name, what it sets, what it needs, what it builds on); None where it does nothing of it."""
    keys = [str(key) for part in ("env", "default_env", "const") for key in _raw(body.get(part))]
    needed = sum(len(entries) for kind in _DEPENDENCIES if isinstance(entries := body.get(kind), list))
    changed = sum(len(entries) for kind in _CHANGES if isinstance(entries := body.get(kind), dict))
    builds = [f"_{base}" for base in map(spelled, _values(body.get("base"))) if base]
    builds += [f"_{other}" for other in map(spelled, _values(body.get("default_variations"))) if other]
    alias = spelled(body.get("alias"))
    if alias:
        builds.insert(0, f"another name of _{alias}")
    if not (keys or needed or changed or builds):
        return None
    words = [counted(needed, "dependency", "dependencies")] if needed else []
    words += [f"changes {changed}"] if changed else []
    more = f" and {len(keys) - MAX_KEYS} more" if len(keys) > MAX_KEYS else ""
    sets = f"{', '.join(keys[:MAX_KEYS])}{more}"
    return (f"_{name}", plain(sets), ", ".join(words), plain(", ".join(builds)))


def _limits(meta: Mapping[str, Any]) -> Iterable[str]:
    for key, words in (
        ("version_min", "at least"),
        ("version_max", "at most"),
        ("version_max_usable", "known to work up to"),
    ):
        if value := spelled(meta.get(key)):
            yield f"{words} {value}"


def _raw(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _mapping(value: Any) -> dict[str, dict[str, Any]]:
    """Return a mapping of names to mappings; an entry without a body is an empty one."""
    return {spelled(name): body if isinstance(body, dict) else {} for name, body in _raw(value).items()}


def _values(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]
