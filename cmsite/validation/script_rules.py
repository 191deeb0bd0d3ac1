"""All rules about one script's references to itself: variations, groups, names of dependencies, choices; pure.

A script without `_base` is judged alone, where it is read; one with a `_base` once all artifacts are known.
"""

from collections.abc import Callable, Iterator

from cmsite.catalog.inheritance import inherited_meta
from cmsite.model.artifact import Artifact
from cmsite.model.repository import Format
from cmsite.validation.dependency_names import check_own_names
from cmsite.validation.flaws import Flaw
from cmsite.validation.input_choices import check_choices
from cmsite.validation.variation_names import Meta, VariationNames
from cmsite.validation.variation_uses import check_variation_uses
from cmsite.validation.variations import check_variations

SCRIPT = "script"


def check_script(artifact: Artifact) -> Iterator[Flaw]:
    """Yield what is wrong within a script that has no `_base`; nothing for anything else."""
    if is_script(artifact) and not artifact.base:
        yield from _check(artifact.extra, artifact.extra)


def check_inheriting_script(artifact: Artifact, find: Callable[[Artifact], Artifact | None]) -> Iterator[Flaw]:
    """Yield what is wrong within a script, with what it takes from its bases; `find` returns the base of an artifact."""
    if is_script(artifact) and artifact.base:
        yield from _check(artifact.extra, inherited_meta(artifact, find))


def is_script(artifact: Artifact) -> bool:
    """Return whether the script automation of CM or MLC runs this artifact."""
    return artifact.key.automation == SCRIPT and artifact.format is not Format.CK


def _check(own: Meta, whole: Meta) -> Iterator[Flaw]:
    names = VariationNames(whole)
    yield from check_variations(own, names)
    yield from check_variation_uses(own, names)
    yield from check_own_names(own, whole)
    yield from check_choices(own)
