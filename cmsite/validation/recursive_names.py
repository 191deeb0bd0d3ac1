"""The rule about names of `adr` that no dependency has, in any script that could be below; pure.

Only where every repository is at hand that the script's own says it builds on.
"""

from collections.abc import Iterable, Iterator

from cmsite.catalog.dependencies import DependencyResolver
from cmsite.model.artifact import Artifact
from cmsite.validation.dependency_names import DependencyNames, names_of_dependencies, recursive_names
from cmsite.validation.reference_finding import ReferenceFinding
from cmsite.validation.script_rules import SCRIPT, is_script


def check_recursive_names(artifacts: Iterable[Artifact], resolver: DependencyResolver) -> Iterator[ReferenceFinding]:
    """Yield what `adr` of these scripts would change and nothing has."""
    known: dict[str, DependencyNames] = {}
    for artifact in artifacts:
        repository = artifact.key.repository
        changed = recursive_names(artifact.extra) if is_script(artifact) else []
        if not changed or not resolver.is_complete(repository):
            continue
        if repository not in known:
            known[repository] = names_of_dependencies(one.extra for one in resolver.in_scope(repository, SCRIPT))
        names = known[repository]
        for pointer, words, key, name in changed:
            if name not in names:
                yield ReferenceFinding(
                    code="CM322",
                    artifact=artifact,
                    pointer=pointer,
                    message=f"{words}{key}: no dependency of any script here has the name {name!r}{names.proposal(name)}",
                    hint="write the name that the dependency has under `names`, or remove the entry: it changes nothing",
                )
