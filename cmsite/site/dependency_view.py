"""The dependencies of an artifact for readers: always first, by when they run, each once with all its conditions.

Metas repeat a dependency in many variations (one script of mlperf-automations has 900 entries): entries that select
the same under the same condition are one row that names the variations.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cmsite.catalog.addresses import artifact_address
from cmsite.catalog.catalog import Edge
from cmsite.model.artifact import ArtifactKey
from cmsite.model.dependency import Resolution
from cmsite.site.context import SiteContext
from cmsite.site.text import counted, plain
from cmsite.site.ways import Way

MAX_TARGETS = 4  # Alternatives of one dependency that are named.
MAX_ROWS = 60
MAX_CHARACTERS = 1_200  # Of the rows of one table.
MAX_CONDITION = 120  # Characters.
MAX_OPEN = 8  # Conditional rows that are shown without being asked for.
MAX_WITHIN = 3  # Variations that are named in one row.

# When CM and MLC run what stands in a list; the order of the keys is theirs.
# Source: script/module.py of cm4mlops (deps, preprocess, prehook, run, posthook, postprocess, post).
KINDS = {
    "deps": "First",
    "prehook_deps": "Right before its commands",
    "posthook_deps": "Right after its commands",
    "post_deps": "At the end",
    "build_deps": "To build",
}
STATES = {
    Resolution.ALTERNATIVES: "any of",
    Resolution.DANGLING: "matches nothing",
    Resolution.UNKNOWN_VARIATION: "unknown variation",
    Resolution.UNRESOLVED_HERE: "not in this catalogue",
    Resolution.DYNAMIC: "chosen when it runs",
}

# What selects, in words what became of it, (comma, name, way) of the targets, how many more, when it applies.
DependencyRow = tuple[str, str, tuple[tuple[str, str, str], ...], int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyGroup:
    """The rows of one list of the meta: `kind` is its key, `title` says when it runs."""

    kind: str
    title: str
    rows: tuple[DependencyRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyTable:
    """What is needed always, or (`conditional`) only sometimes: `count` different entries, some `left_out`."""

    label: str
    conditional: bool
    groups: tuple[DependencyGroup, ...]
    count: int
    left_out: int
    open: bool


def dependency_tables(context: SiteContext, way: Way, edges: tuple[Edge, ...]) -> tuple[DependencyTable, ...]:
    """Return the dependencies of one artifact, those that apply always first."""
    if not edges:
        return ()
    merged: dict[tuple[object, ...], tuple[Edge, list[str]]] = {}
    for edge in edges:
        entry = edge.dependency
        question = (entry.kind, entry.text, edge.targets, entry.condition, not entry.within)
        merged.setdefault(question, (edge, []))[1].append(entry.within)
    always = [item for item in merged.values() if not _is_conditional(item[0])]
    sometimes = [item for item in merged.values() if _is_conditional(item[0])]
    tables = (("Dependencies", always), ("Conditional dependencies", sometimes))
    return tuple(_table(context, way, label, items, conditional=items is sometimes) for label, items in tables if items)


def targets_of(edges: Iterable[Edge]) -> tuple[tuple[ArtifactKey, bool], ...]:
    """Return what an artifact needs, each once, and whether always; of alternatives the first stands for all."""
    found: dict[ArtifactKey, bool] = {}
    for edge in edges:
        for target in edge.targets[:1]:
            found[target] = found.get(target, False) or not _is_conditional(edge)
    return tuple(sorted(found.items(), key=lambda item: not item[1]))


def _is_conditional(edge: Edge) -> bool:
    return bool(edge.dependency.within or edge.dependency.condition)


def _table(
    context: SiteContext, way: Way, label: str, items: list[tuple[Edge, list[str]]], *, conditional: bool
) -> DependencyTable:
    rows: dict[str, list[DependencyRow]] = {}
    used = shown = 0
    for edge, within in items[:MAX_ROWS]:
        row = _row(context, way, edge, within)
        used += 80 + len(row[0]) + len(row[4]) + sum(30 + len(name) + len(place) for _, name, place in row[2])
        if used > MAX_CHARACTERS and shown:
            break
        rows.setdefault(edge.dependency.kind, []).append(row)
        shown += 1
    order = rows if len(rows) == 1 else sorted(rows, key=_position)
    return DependencyTable(
        label=label,
        conditional=conditional,
        groups=tuple(DependencyGroup(kind=kind, title=KINDS.get(kind, kind), rows=tuple(rows[kind])) for kind in order),
        count=len(items),
        left_out=len(items) - shown,
        open=len(items) <= MAX_OPEN,
    )


def _position(kind: str) -> int:
    """Return when a list runs; one that CM and MLC do not know comes last."""
    return list(KINDS).index(kind) if kind in KINDS else len(KINDS)


def _row(context: SiteContext, way: Way, edge: Edge, within: list[str]) -> DependencyRow:
    dependency = edge.dependency
    artifacts = context.catalog.artifacts
    targets = tuple(
        (", " if number else "", artifacts[key].display_name, way.to(artifact_address(key)))
        if key in artifacts
        else (", " if number else "", key.folder, "")
        for number, key in enumerate(edge.targets[:MAX_TARGETS])
    )
    condition = dependency.condition
    if len(condition) > MAX_CONDITION:
        condition = f"{condition[: MAX_CONDITION - 1]}…"
    places = _places(within)
    return (
        plain(dependency.text),
        STATES.get(edge.resolution, ""),
        targets,
        max(0, len(edge.targets) - MAX_TARGETS),
        f"{places}; {condition}" if places and condition else places or condition,
    )


def _places(within: list[str]) -> str:
    """Say in words which variations or versions a dependency belongs to.

    >>> _places(["variation cuda", "variation rocm, docker", "docker"]), _places([""])
    ('with _cuda, _rocm in a container, in a container', '')
    """
    names = list(dict.fromkeys(_place(name) for name in within if name))
    if not names:
        return ""
    words = ", ".join(names[:MAX_WITHIN])
    more = len(names) - MAX_WITHIN
    return plain(f"with {words} and {counted(more, 'more variation')}" if more > 0 else f"with {words}")


def _place(within: str) -> str:
    name, in_container = (within[: -len(", docker")], True) if within.endswith(", docker") else (within, False)
    if name == "docker":
        return "in a container"
    name = f"_{name.removeprefix('variation ')}" if name.startswith("variation ") else name
    return f"{name} in a container" if in_container else name
