"""The rule about what challenges and contributors name: experiments by tags, challenges by tags or name; pure.

Judged where all repositories that one builds on are at hand, and any such artifact at all: challenges and their
experiments live in different repositories.
Source: `playground_challenges.py` and `playground_contributors.py` of the script `gui` of mlcommons/ck, which link them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from cmsite.catalog.dependencies import DependencyResolver
from cmsite.documents import join_pointer
from cmsite.formats.dependencies import split_tags
from cmsite.formats.fields import spelled
from cmsite.model.artifact import Artifact
from cmsite.model.names import parse_pair
from cmsite.validation.reference_finding import ReferenceFinding

_CHALLENGE, _CONTRIBUTOR, _EXPERIMENT = "challenge", "contributor", "experiment"
_OF_CONTRIBUTORS = ("challenges", "ongoing")


def check_challenges(artifacts: Iterable[Artifact], resolver: DependencyResolver) -> Iterator[ReferenceFinding]:
    """Yield experiments and challenges that are named and not there."""
    has = {automation: resolver.holds(automation) for automation in (_CHALLENGE, _EXPERIMENT)}
    answers: dict[tuple[str, str, str], bool] = {}
    for artifact in artifacts:
        automation = artifact.key.automation
        if automation not in {_CHALLENGE, _CONTRIBUTOR} or not resolver.is_complete(artifact.key.repository):
            continue
        if automation == _CHALLENGE and has[_EXPERIMENT]:
            named = _experiments(artifact.extra.get("experiments"))
            target = _EXPERIMENT
        elif automation == _CONTRIBUTOR and has[_CHALLENGE]:
            named = _challenges(artifact)
            target = _CHALLENGE
        else:
            continue
        for pointer, tags, name in named:
            question = (target, tags, name)
            if question not in answers:
                answers[question] = _is_there(resolver, *question)
            if not answers[question]:
                what = f"has the tags {tags!r}" + (" or that name" if name else "") if tags else f"is called {name!r}"
                yield ReferenceFinding(
                    code="CM328",
                    artifact=artifact,
                    pointer=pointer,
                    message=f"no {target} at hand {what}",
                    hint="correct it, or name the repository that has it: `requires:` in registry.yml or --with",
                )


def _experiments(value: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (pointer, tags, name) of the entries; where both are there the tags decide."""
    for number, entry in enumerate(value if isinstance(value, list) else ()):
        if isinstance(entry, dict):
            for key in ("tags", "name"):
                if text := spelled(entry.get(key)).strip():
                    tags, name = (text, "") if key == "tags" else ("", text)
                    yield join_pointer("experiments", number, key), tags, name
                    break


def _challenges(artifact: Artifact) -> Iterator[tuple[str, str, str]]:
    for key in _OF_CONTRIBUTORS:
        value = artifact.extra.get(key)
        for number, entry in enumerate(value if isinstance(value, list) else ()):
            if text := spelled(entry).strip():
                yield join_pointer(key, number), text, text


def _is_there(resolver: DependencyResolver, automation: str, tags: str, name: str) -> bool:
    if name and resolver.holds(automation, name=parse_pair(name)):
        return True
    wanted = split_tags(tags)[0]
    return bool(wanted) and resolver.holds(automation, tags=wanted)
