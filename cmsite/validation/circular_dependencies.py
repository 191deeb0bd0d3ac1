"""The rule about dependencies that lead back to where they began, with no condition on the way; pure.

Only what always runs counts: an entry of the top level, without a condition, that means exactly one artifact. Circles
through conditions or variations are usual and end (18 in cm4mlops, among them `get-llvm` and `install-llvm-prebuilt`).
"""

from collections.abc import Iterator, Mapping

from cmsite.catalog.catalog import Edge
from cmsite.catalog.cycles import circles
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.model.dependency import Resolution
from cmsite.validation.reference_finding import ReferenceFinding, way


def check_circular_dependencies(
    artifacts: Mapping[ArtifactKey, Artifact], edges: Mapping[ArtifactKey, tuple[Edge, ...]]
) -> Iterator[ReferenceFinding]:
    """Yield a finding at each dependency of a circle of artifacts that always need each other."""
    leading: dict[ArtifactKey, dict[ArtifactKey, Edge]] = {}
    for key, outgoing in edges.items():
        always = {edge.targets[0]: edge for edge in reversed(outgoing) if _always_runs(edge)}
        if always:
            leading[key] = always
    graph = {key: list(targets) for key, targets in leading.items()}
    for circle in circles(graph):
        names = [_name(artifacts, key) for key in circle]
        for number, key in enumerate(circle):
            edge = leading[key][circle[(number + 1) % len(circle)]]
            whole = way(names, number)
            yield ReferenceFinding(
                code="CM308",
                artifact=artifacts[key],
                pointer=edge.dependency.pointer,
                message=f"{edge.dependency.kind}: circular dependency, always followed: {whole}",
                hint="remove one of them, or give it a condition such as `skip_if_env`",
            )


def _always_runs(edge: Edge) -> bool:
    dependency = edge.dependency
    return (
        edge.resolution is Resolution.FOUND
        and not dependency.within
        and not dependency.condition
        and not dependency.dynamic
    )


def _name(artifacts: Mapping[ArtifactKey, Artifact], key: ArtifactKey) -> str:
    artifact = artifacts.get(key)
    return artifact.display_name if artifact is not None else key.folder
