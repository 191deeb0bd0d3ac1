"""Small labelled pictures to embed elsewhere: what became of a paper or a claim, in words.

An SVG as an `<img>` runs no script and loads nothing, and neither does this one: no style sheet, no font of its own,
no link. Widths are estimated, since nobody knows the reader's font, and the letters are told to fit them.
Source: https://www.w3.org/TR/SVG2/, https://www.w3.org/TR/graphics-aam-1.0/ (role and name).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from cmsite.model.judgements import Summary
from cmsite.model.results import Reproduction, ReproductionStatus, Verdict
from cmsite.results.table import ClaimRow, claim_summary
from cmsite.site.paper_rows import PaperRows
from cmsite.site.result_rows import KINDS
from cmsite.site.text import counted

MAX_LABEL = 30  # Characters.
MAX_TITLE = 300

_HEIGHT = 20
_PAD = 7  # On each side of a text.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_NARROW = frozenset(" !'(),.:;I[]fijlrt|")
_WIDE = frozenset("@GMOQW%mw")
# White letters on each have a contrast of at least 6.2; the colour repeats what the words say.
_GROUNDS = {"good": "#1d6f3c", "bad": "#b3261e", "unsure": "#7a5200"}
_LABEL_GROUND = "#444444"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgePicture:
    """What a badge says: `label` and `words` are its two halves, `kind` is `good`, `bad` or `unsure`."""

    label: str
    words: str
    kind: str

    @property
    def text(self) -> str:
        """Return all of it as one line, for those who do not see it."""
        return f"{self.label}: {self.words}"


def paper_badge(group: PaperRows) -> BadgePicture:
    """Return the badge of a paper; it is good only where every claim was reproduced."""
    verdicts = group.verdicts
    if not verdicts:
        return BadgePicture(label="claims", words="none declared", kind="unsure")
    summary = group.summary
    tried = any(row.reproduction is not None for row in group.rows)
    if not tried:
        return BadgePicture(label="claims", words=f"{counted(len(verdicts), 'claim')}, none tried", kind="unsure")
    words = f"{summary.reproduced:,} of {len(verdicts):,} reproduced"
    return BadgePicture(label="claims", words=_reviewed(words, group.rows), kind=_kind(summary, len(verdicts)))


def claim_badge(claim: str, rows: tuple[ClaimRow, ...]) -> BadgePicture:
    """Return the badge of one claim from its rows: the worst verdict, and of how many reproductions."""
    summary = claim_summary(rows)
    words = summary.worst.value
    if summary.judged > 1:
        words += f", {summary.reproduced:,} of {summary.judged:,} reproduced it"
    shown = claim if len(claim) <= MAX_LABEL else f"{claim[: MAX_LABEL - 1]}…"
    return BadgePicture(label=shown, words=_reviewed(words, rows), kind=KINDS.get(summary.worst, "unsure"))


def emit_badge(badge: BadgePicture, title: str) -> bytes:
    """Return a badge as an SVG file; `title` says whose it is, and a browser shows it when asked."""
    label, words = _clean(badge.label) or "claim", _clean(badge.words)
    left, right = _width(label), _width(words)
    whole = left + right + 4 * _PAD
    edge = left + 2 * _PAD
    name = escape(f"{label}: {words}")
    said = escape(_clean(title)[:MAX_TITLE])
    box = f'width="{whole}" height="{_HEIGHT}" viewBox="0 0 {whole} {_HEIGHT}"'
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label="{name}">\n',
        f"<title>{name}{f' ({said})' if said else ''}</title>\n",
        f'<rect width="{edge + 3}" height="{_HEIGHT}" rx="3" fill="{_LABEL_GROUND}"/>\n',
        f'<rect x="{edge}" width="{whole - edge}" height="{_HEIGHT}" rx="3" fill="{_GROUNDS[badge.kind]}"/>\n',
        '<g fill="#ffffff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">\n',
        f"{_text(label, _PAD, left)}\n{_text(words, edge + _PAD, right)}\n</g>\n</svg>\n",
    )
    return "".join(parts).encode()


def _text(text: str, x: int, width: int) -> str:
    return f'<text x="{x}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'


def _clean(text: str) -> str:
    """Return one line without what XML cannot hold and without what turns the direction of the text around it."""
    return " ".join(_UNSAFE.sub("\ufffd", " ".join(text.split())).split())


def _width(text: str) -> int:
    """Return about how wide a text is, in units of the drawing, at a size of 11."""
    return max(1, round(sum(map(_width_of, text))))


def _width_of(sign: str) -> float:
    if sign in _NARROW:
        return 4.4
    if sign in _WIDE or unicodedata.east_asian_width(sign) in "WF":
        return 11.0
    return 0.0 if unicodedata.combining(sign) else 7.0


def _kind(summary: Summary, total: int) -> str:
    if summary.reproduced == total:
        return "good"
    return "bad" if KINDS.get(summary.worst) == "bad" else "unsure"


def _reviewed(words: str, rows: tuple[ClaimRow, ...]) -> str:
    """Add that nobody else has checked the records, or that one is disputed. Source: facts/results.md §2.9."""
    tried = (row for row in rows if row.counts and row.judgement.verdict is not Verdict.UNTESTED)
    status = review_status(row.reproduction for row in tried if row.reproduction is not None)
    return f"{words}, {status}" if status else words


def review_status(attempts: Iterable[Reproduction]) -> str:
    """Return the word for records that somebody disputes or nobody checked; "" where all are verified or none is."""
    statuses = {attempt.status for attempt in attempts}
    if ReproductionStatus.DISPUTED in statuses:
        return "disputed"
    return "unverified" if ReproductionStatus.UNVERIFIED in statuses else ""
