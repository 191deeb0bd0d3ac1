"""A finding about one meta before its place is looked up, and words near to a name that is not there; pure."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST = 100  # Letters of a name that are compared.
_MOST_NAMES = 2_000  # That a name is compared with.
_MOST_QUESTIONS = 20  # Different names a meta for which near ones are sought; the rest get no proposal.
_CUTOFF = 0.81  # Two letters of three alike are too few.
_SIMILAR = 0.7  # Enough to be named among others.
_MOST_ALIKE = 3
_SHORTEST = 3  # Letters of a name that is looked for within others.

_LONGEST_MESSAGE = 500  # Letters; a name in a hostile meta may have millions.


def bounded(message: str) -> str:
    """Return a message, cut where a name in it is very long."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[: _LONGEST_MESSAGE - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong at a pointer of a meta."""

    code: str
    pointer: str
    message: str
    hint: str = ""


class NearNames:
    """Proposes what was meant, from the names of one meta; answers are kept, and their number is bounded."""

    def __init__(self, names: Iterable[str]) -> None:
        """Take the names that exist."""
        self._names = [name for name, _ in zip(names, range(_MOST_NAMES), strict=False)]
        self._answers: dict[str, str] = {}
        self._alike: dict[str, tuple[str, ...]] = {}

    def proposal(self, name: str) -> str:
        """Return `; did you mean 'x'?`, or nothing.

        >>> NearNames(["calibration", "validation"]).proposal("calibation")
        "; did you mean 'calibration'?"
        """
        if name not in self._answers:
            if len(self._answers) >= _MOST_QUESTIONS:
                return ""
            self._answers[name] = self._nearest(name)
        near = self._answers[name]
        return f"; did you mean {near!r}?" if near else ""

    def alike(self, name: str) -> tuple[str, ...]:
        """Return up to three names that a person may have had in mind where none is near enough to be proposed.

        >>> NearNames(["dlrm-v2-99", "dlrm-v2-99.9", "bert-99"]).alike("dlrm-v2_")
        ('dlrm-v2-99', 'dlrm-v2-99.9')
        """
        if name not in self._alike:
            if len(self._alike) >= _MOST_QUESTIONS:
                return ()
            self._alike[name] = self._similar(name.strip()[:_LONGEST])
        return self._alike[name]

    def all(self, most: int) -> tuple[str, ...]:
        """Return all names, or nothing where they are more than `most`."""
        return tuple(self._names) if len(self._names) <= most else ()

    def _similar(self, name: str) -> tuple[str, ...]:
        core = name.strip("_-. ").casefold()
        if len(core) < _SHORTEST:
            return ()
        begun = [other for other in self._names if other.casefold().startswith(core)]
        inside = [other for other in self._names if core in other.casefold()]
        near = difflib.get_close_matches(name, self._names, n=_MOST_ALIKE, cutoff=_SIMILAR)
        return tuple(dict.fromkeys([*begun, *inside, *near]))[:_MOST_ALIKE]

    def _nearest(self, name: str) -> str:
        near = difflib.get_close_matches(name.strip()[:_LONGEST], self._names, n=1, cutoff=_CUTOFF)
        return near[0] if near else ""
