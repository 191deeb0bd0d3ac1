"""The claims table for a terminal: aligned columns where they fit, else one block a claim.

Colour is the caller's, as in `text`. Numbers, differences and summaries are worded as on the pages.
Source: CONTRACT §13; facts/results.md §2.8 ("k of n"), §7 (a verdict is a word, never a colour alone).
"""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from cmsite.model.results import ClaimKind, ReproductionStatus, ToleranceType, Verdict
from cmsite.reporting.columns import columns, printable
from cmsite.reporting.text import Style, plural
from cmsite.results.table import ClaimRow, claim_summary, paper_summary
from cmsite.results.verdicts import WITHOUT_NUMBER, summarise
from cmsite.results.wording import (
    claimed_text,
    delta_text,
    direction_text,
    found_text,
    half_width_text,
    summary_text,
    tolerance_text,
    value_text,
)

HEADINGS = (
    "claim", "claimed", "reproduced", "n", "difference", "tolerance", "verdict", "certainty", "stated", "date", "record",
)  # fmt: skip
VERDICT = HEADINGS.index("verdict")
MAX_CELL = 60
"""Characters of a cell; what is longer ends in … and is whole in JSON and CSV."""

MAX_REASON = 400
GAP = "  "

KINDS = {
    Verdict.REPRODUCED: "good",
    Verdict.NOT_REPRODUCED: "bad",
    Verdict.FAILED: "bad",
}
"""What a verdict's colour repeats; all others are `unsure`."""


def report_results(
    rows: Iterable[ClaimRow], style: Style, width: int | None, *, without_claims: int = 0
) -> Iterator[str]:
    """Yield the lines of the table, paper by paper, and a summary.

    `width` is the terminal's, None where there is none; `without_claims` papers have no rows.
    """
    listed = tuple(rows)
    for _, group in groupby(listed, key=lambda row: row.paper.key):
        of_paper = tuple(group)
        paper = of_paper[0].paper
        year = f" ({paper.year})" if paper.year else ""
        yield style(_cut(printable(f"paper:{paper.alias}  {paper.title}{year}"), width or MAX_REASON), "heading")
        yield from _table(of_paper, style, width)
        yield ""
    if listed:
        yield from _wrapped(totals_text(listed), "", width)
    if without_claims or not listed:
        declare = "declares" if without_claims == 1 else "declare"
        yield f"{plural(without_claims, 'paper')} {declare} no claims" if without_claims else "no claims declared"


def totals_text(rows: Sequence[ClaimRow]) -> str:
    """Return how many claims of how many papers were reproduced, and how many verdicts are stated otherwise."""
    papers: dict[object, list[ClaimRow]] = {}
    for row in rows:
        papers.setdefault(row.paper.key, []).append(row)
    claims: dict[object, list[ClaimRow]] = {}
    for row in rows:
        claims.setdefault((row.paper.key, row.claim.id), []).append(row)
    summary = summarise(claim_summary(group).worst for group in claims.values())
    denied = sum(row.contradicted for row in rows)
    text = f"{plural(len(papers), 'paper')}, {plural(len(claims), 'claim')}: {summary_text(summary, 'claims')}"
    text += f"; {plural(denied, 'verdict')} stated otherwise than the numbers say" if denied else ""
    return f"{text} (* main claims)" if any(row.claim.main for row in rows) else text


def _table(rows: Sequence[ClaimRow], style: Style, width: int | None) -> Iterator[str]:
    cells = [_cells(row) for row in rows]
    if len({row.reproduction.key for row in rows if row.reproduction}) == 1:
        cells = [(*line[:-1], "") for line in cells]  # Which record it is says nothing where there is one.
    used = [number for number in range(len(HEADINGS)) if any(line[number] for line in cells)]
    sizes = {number: max(columns(line[number]) for line in (HEADINGS, *cells)) for number in used}
    total = 2 + sum(sizes.values()) + len(GAP) * (len(used) - 1)
    if width is not None and total > width:
        yield from _blocks(rows, cells, style, width)
    else:
        yield style(_line(HEADINGS, used, sizes), "source")
        for row, line in zip(rows, cells, strict=True):
            yield _line(line, used, sizes, _coloured(style, kind_of(row)))
            for reason in _reasons(row):
                yield from _wrapped(reason, " " * (2 + sizes[0] + len(GAP)), width)
    if len(rows) > 1:
        yield from _wrapped(summary_text(paper_summary(rows), "claims"), "  ", width)


def _blocks(rows: Sequence[ClaimRow], cells: Sequence[tuple[str, ...]], style: Style, width: int) -> Iterator[str]:
    """Yield each claim as a few lines: what a narrow terminal can show without breaking columns."""
    size = max(columns(line[0]) for line in cells)
    indent = " " * (2 + size + len(GAP))
    for row, line in zip(rows, cells, strict=True):
        told = dict(zip(HEADINGS, line, strict=True))
        beside = [part for part in (told["certainty"], told["stated"] and f"stated {told['stated']}") if part]
        name = style(told["claim"], "heading") + " " * (size - columns(told["claim"]))
        yield f"  {name}{GAP}" + ", ".join((style(told["verdict"], kind_of(row)), *beside))
        n = f"{told['reproduced']} (n = {told['n']})" if told["n"] else told["reproduced"]
        for parts in (
            (("claimed", told["claimed"]), ("reproduced", n), ("difference", told["difference"])),
            (("tolerance", told["tolerance"]), ("date", told["date"]), ("record", told["record"])),
        ):
            text = "; ".join(f"{heading} {value}" for heading, value in parts if value.strip())
            if text:
                yield from _wrapped(text, indent, width)
        for reason in _reasons(row):
            yield from _wrapped(reason, indent, width)


def _coloured(style: Style, kind: str) -> Callable[[str], str]:
    return lambda text: style(text, kind)


def kind_of(row: ClaimRow) -> str:
    """Return the name of the colour of a row's verdict."""
    return KINDS.get(row.judgement.verdict, "unsure")


def _line(
    cells: Sequence[str], used: Sequence[int], sizes: dict[int, int], colour: Callable[[str], str] | None = None
) -> str:
    """Return one line of the table; the verdict is coloured after its column is filled, so that columns stay straight."""
    parts = []
    for number in used:
        text = cells[number] + " " * (sizes[number] - columns(cells[number]))
        parts.append(colour(text) if colour and number == VERDICT else text)
    return "  " + GAP.join(parts).rstrip()


def _cells(row: ClaimRow) -> tuple[str, ...]:
    """Return the texts of a row in the order of the headings; "" where there is nothing to tell."""
    claim, judgement, attempt = row.claim, row.judgement, row.reproduction
    delta, direction = delta_text(claim, row.metric, judgement), direction_text(judgement)
    date = attempt.check_time[:10] if attempt else ""
    superseded = attempt is not None and attempt.status is ReproductionStatus.SUPERSEDED
    texts = (
        f"{claim.id}*" if claim.main else claim.id,
        _with_unit(row, claimed_text(claim)),
        _with_unit(row, _reproduced(row)),
        str(judgement.n) if judgement.n else "",
        f"{delta} {direction}".strip(),
        _tolerance(row),
        judgement.verdict.value,
        judgement.certainty.value if judgement.certainty else "",
        row.stated.value if row.stated else "",
        f"{date} superseded".strip() if superseded else date,
        attempt.alias if attempt else "",
    )
    return tuple(_cut(printable(text), MAX_CELL) for text in texts)


def _reproduced(row: ClaimRow) -> str:
    judgement, metric = row.judgement, row.metric
    if judgement.reproduced is None:
        return found_text(row.claim, metric, judgement)
    value = value_text(judgement.reproduced, metric.precision if metric else None)
    return value if judgement.half_width is None else f"{value} ± {half_width_text(judgement.half_width)}"


def _with_unit(row: ClaimRow, text: str) -> str:
    unit = row.claim.unit or (row.metric.unit if row.metric else "")
    return text if not text or unit in ("", "1") or row.claim.kind in WITHOUT_NUMBER else f"{text} {unit}"


def _tolerance(row: ClaimRow) -> str:
    """Return the allowance and who set it; "" for kinds that have none."""
    tolerance = row.claim.tolerance
    if tolerance is None or row.claim.kind in (ClaimKind.RANKING, ClaimKind.TREND, ClaimKind.QUALITATIVE):
        return ""
    text = tolerance_text(tolerance, row.metric)
    named = tolerance.source and tolerance.type is not ToleranceType.NONE
    return f"{text}, {tolerance.source.value}" if named and tolerance.source else text


def _reasons(row: ClaimRow) -> tuple[str, ...]:
    denied = (
        (f"stated as '{row.stated.value}', the numbers say '{row.judgement.verdict.value}'",)
        if row.contradicted and row.stated
        else ()
    )
    return tuple(_cut(printable(reason), MAX_REASON) for reason in (*denied, *row.judgement.reasons) if reason)


def _wrapped(text: str, indent: str, width: int | None) -> Iterator[str]:
    """Yield a text behind an indent, broken at the width of the terminal; later lines are indented as far."""
    if width is None or len(indent) + 20 > width:
        yield indent + text
        return
    lines = textwrap.wrap(text, width - len(indent)) or [""]
    yield indent + lines[0]
    for line in lines[1:]:
        yield " " * len(indent) + line


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
