"""A finding about what an artifact says of others, before its place in the meta is looked up; pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cmsite.model.artifact import Artifact
from cmsite.validation.flaws import Flaw

_SHOWN = 8  # How many names of a circle a message lists before it counts.


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFinding:
    """A finding about one artifact, at a pointer of its meta."""

    code: str
    artifact: Artifact
    pointer: str
    message: str
    hint: str = ""


def as_references(artifact: Artifact, flaws: Iterable[Flaw]) -> Iterator[ReferenceFinding]:
    """Yield the flaws of one artifact's meta as findings about it."""
    for flaw in flaws:
        yield ReferenceFinding(
            code=flaw.code, artifact=artifact, pointer=flaw.pointer, message=flaw.message, hint=flaw.hint
        )


def way(names: Sequence[str], start: int = 0) -> str:
    """Return a circle in words, from one of its members around to it again.

    >>> way(["a", "b", "c"], 1)
    'b → c → a → b'
    >>> way([str(number) for number in range(20)])
    '0 → 1 → 2 → 3 → 4 → 5 → 6 → 7 → … → 0 (20 in all)'
    """
    shown = [names[(start + step) % len(names)] for step in range(min(len(names), _SHOWN))]
    more = ["…"] if len(names) > _SHOWN else []
    total = f" ({len(names):,} in all)" if more else ""
    return " → ".join([*shown, *more, shown[0]]) + total
