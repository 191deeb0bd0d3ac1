"""Rules about `_base` across artifacts: bases that are not there, circles, chains longer than `cm` follows; pure.

One such meta stops every command of `cm` that loads metas, for all repositories of a machine (cmind 4.2.0: exit 8,
or an unfinished index). `mlc` does not read `_base`, so only artifacts of CM are judged.
Source: `process_meta_for_inheritance` of cmind; facts/formats.md §1, §5.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from cmsite.catalog.cycles import circles
from cmsite.catalog.dependencies import DependencyResolver
from cmsite.catalog.inheritance import MAX_LINKS
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.repository import Format
from cmsite.validation.reference_finding import ReferenceFinding, way

_POINTER = "/_base"


def check_bases(artifacts: Iterable[Artifact], resolver: DependencyResolver) -> Iterator[ReferenceFinding]:
    """Yield what is wrong with the bases of these artifacts and of the artifacts that they build on."""
    base_of: dict[ArtifactKey, Artifact] = {}
    known: dict[ArtifactKey, Artifact] = {}
    for artifact in artifacts:
        current: Artifact | None = artifact
        while current is not None and current.base and current.format is Format.CM and current.key not in known:
            known[current.key] = current
            base = resolver.base_of(current)
            if base is None:
                yield _unknown(current, resolver)
            else:
                base_of[current.key] = base
            current = base
    if base_of:
        in_circles: set[ArtifactKey] = set()
        yield from _circular(known, base_of, in_circles)
        yield from _too_long(known, base_of, in_circles)


def _unknown(artifact: Artifact, resolver: DependencyResolver) -> ReferenceFinding:
    complete = resolver.is_complete(artifact.key.repository)
    return ReferenceFinding(
        code="CM305" if complete else "CM304",
        artifact=artifact,
        pointer=_POINTER,
        message=f"base {artifact.base!r} names no artifact here"
        if complete
        else f"base {artifact.base!r} is in none of the repositories at hand",
        hint="write automation::artifact of one that exists, or name its repository: `requires:` in registry.yml or --with",
    )


def _circular(
    known: Mapping[ArtifactKey, Artifact], base_of: Mapping[ArtifactKey, Artifact], in_circles: set[ArtifactKey]
) -> Iterator[ReferenceFinding]:
    graph = {key: [base_of[key].key] if key in base_of else [] for key in sorted(known)}
    for circle in circles(graph):
        in_circles.update(circle)
        names = [str(key) for key in circle]
        for number, key in enumerate(circle):
            artifact = known[key]
            what = "the artifact is its own base" if len(circle) == 1 else f"bases in a circle: {way(names, number)}"
            yield ReferenceFinding(
                code="CM306",
                artifact=artifact,
                pointer=_POINTER,
                message=f"{what}; `cm` stops, whatever it is asked for",
                hint="remove the `_base` of one of them",
            )


def _too_long(
    known: Mapping[ArtifactKey, Artifact], base_of: Mapping[ArtifactKey, Artifact], in_circles: set[ArtifactKey]
) -> Iterator[ReferenceFinding]:
    """Yield one finding where a chain becomes too long, and count those that stop because they build on it."""
    links = dict.fromkeys(in_circles, 0)  # What leads into a circle is not too long besides.
    first: dict[ArtifactKey, ArtifactKey] = {}
    after: Counter[ArtifactKey] = Counter()
    for key in sorted(known):
        chain = []
        current: ArtifactKey | None = key
        while current is not None and current not in links:
            chain.append(current)
            current = base_of[current].key if current in base_of else None
        for member in reversed(chain):
            base = base_of.get(member)
            links[member] = 0 if base is None else links.get(base.key, 0) + 1
            if links[member] > MAX_LINKS and base is not None:
                first[member] = first.get(base.key, member)
                after[first[member]] += 1
    for key, total in sorted(after.items()):
        others = f"; {total - 1:,} more build on it" if total > 1 else ""
        yield ReferenceFinding(
            code="CM307",
            artifact=known[key],
            pointer=_POINTER,
            message=f"{links[key]} bases one after the other, and `cm` follows {MAX_LINKS}: it stops here{others}",
            hint="copy what the last bases say into one that stands nearer",
        )
