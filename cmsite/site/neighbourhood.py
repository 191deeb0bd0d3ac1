"""A small still picture: what an artifact needs on the left, itself, and what needs it on the right.

The lists below the picture say the same and more: it is a way to see them at once, not a place to learn something.
Colours are classes of the style sheet, so that both palettes hold. Links inside are real links; therefore the picture
is a group and not an image, whose content no screen reader would offer.
"""

from dataclasses import dataclass
from html import escape

MAX_NODES = 7  # On each side, and a line for the rest.
MAX_LABEL = 28  # Characters that fit a box.

# All in units of the picture, which are pixels where there is room.
_BOX, _GAP, _HEIGHT, _STEP = 200, 50, 26, 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another artifact: `way` leads to its page ("" is no link), `always` is False where it is needed only sometimes."""

    name: str
    way: str
    always: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the picture: at most `MAX_NODES` neighbours, how many there are, and where all are listed."""

    neighbours: tuple[Neighbour, ...]
    count: int
    anchor: str

    def drawn(self) -> tuple[Neighbour, ...]:
        """Return what is drawn, with a line for the rest."""
        more = self.count - len(self.neighbours)
        rest = (Neighbour(name=f"and {more:,} more", way=self.anchor),) if more > 0 else ()
        return (*self.neighbours[:MAX_NODES], *rest)


def neighbourhood(name: str, needs: Side, users: Side) -> str:
    """Return the picture as HTML with everything escaped, "" where there is nothing to draw."""
    left, right = needs.drawn(), users.drawn()
    if not left and not right:
        return ""
    height = (max(len(left), len(right), 1) - 1) * _STEP + _HEIGHT
    start = _BOX + _GAP if left else 0
    width = start + _BOX + (_BOX + _GAP if right else 0)
    middle = height // 2
    tops = [(height - len(column) * _STEP + _STEP - _HEIGHT) // 2 for column in (left, right)]
    return "".join(
        (
            f'<svg class="cm-graph" width="{width + 2}" height="{height + 2}" viewBox="-1 -1 {width + 2} {height + 2}" role="group" aria-labelledby="graph-title graph-about">',
            f'<title id="graph-title">Neighbours of {escape(name)}</title>',
            f'<desc id="graph-about">It needs {needs.count:,} and {users.count:,} need it; the lists below name them.</desc>',
            _edges(left, tops[0], _BOX, start, middle),
            _edges(right, tops[1], width - _BOX, start + _BOX, middle),
            *(_node(node, 0, tops[0] + number * _STEP) for number, node in enumerate(left)),
            _node(Neighbour(name=name, way=""), start, middle - _HEIGHT // 2, ' class="cm-graph__self"'),
            *(_node(node, width - _BOX, tops[1] + number * _STEP) for number, node in enumerate(right)),
            "</svg>",
        )
    )


def _edges(column: tuple[Neighbour, ...], top: int, outside: int, inside: int, middle: int) -> str:
    """Return one curve for everything that is needed always, and a dashed one for the rest."""
    paths = {True: "", False: ""}
    bend = (outside + inside) // 2
    for number, node in enumerate(column):
        y = top + number * _STEP + _HEIGHT // 2
        paths[node.always] += f"M{outside} {y}C{bend} {y} {bend} {middle} {inside} {middle}"
    always = f'<path d="{paths[True]}"/>' if paths[True] else ""
    return f'{always}<path class="cm-graph__if" d="{paths[False]}"/>' if paths[False] else always


def _node(node: Neighbour, x: int, y: int, kind: str = "") -> str:
    # By its name: a page of plain letters takes a quarter of the memory of one that holds a single other sign.
    label = escape(node.name) if len(node.name) <= MAX_LABEL else f"{escape(node.name[: MAX_LABEL - 1])}&hellip;"
    box = f'<rect x="{x}" y="{y}" width="{_BOX}" height="{_HEIGHT}" rx="4"{kind}/><text x="{x + 10}" y="{y + 17}">{label}</text>'
    return f'<a href="{escape(node.way)}">{box}</a>' if node.way else box
