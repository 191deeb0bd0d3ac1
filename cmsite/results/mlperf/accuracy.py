"""`accuracy.txt`: what the scripts of the benchmarks print about accuracy, each in its own way.

Source: mlcommons/inference, tools/submission (which metric counts for which benchmark) and the reports of its
reference implementations.
"""

import math
import re
from dataclasses import dataclass

from cmsite.documents import Problem
from cmsite.results.mlperf.codes import problem

_NUMBER = r"(?:np\.\w{1,12}\()?['\"]?(\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?)"

_PATTERNS: dict[str, re.Pattern[str]] = {
    "acc": re.compile(rf"\s*\{{?[\"']?accuracy[\"']?\s*[:=]\s*{_NUMBER}"),
    "mAP": re.compile(rf"(?:.{{0,2000}}?)(?:mAP\s*=\s*|'Total'\s*:\s*){_NUMBER}"),
    "F1": re.compile(rf".{{0,500}}?[\"']f1[\"']\s*:\s*{_NUMBER}"),
    "AUC": re.compile(rf"\s*AUC\s*=\s*{_NUMBER}"),
    "DICE": re.compile(rf"\s*Accuracy\s*:\s*mean\s*=\s*{_NUMBER}"),
    "WER": re.compile(rf".{{0,500}}?Word Error Rate\s*:.{{0,200}}?accuracy\s*=\s*{_NUMBER}"),
    "ACCURACY": re.compile(rf".{{0,500}}?Word Error Rate\s*:.{{0,200}}?accuracy\s*=\s*{_NUMBER}"),
} | {
    metric: re.compile(rf".{{0,2000}}?['\"]{key}['\"]\s*:\s*{_NUMBER}")
    for metric, key in (
        ("ROUGE1", "rouge1"),
        ("ROUGE2", "rouge2"),
        ("ROUGEL", "rougeL"),
        ("ROUGELSUM", "rougeLsum"),
        ("GEN_LEN", "gen_len"),
        ("TOKENS_PER_SAMPLE", "tokens_per_sample"),
        ("CLIP_SCORE", "CLIP_SCORE"),
        ("FID_SCORE", "FID_SCORE"),
        ("exact_match", "exact_match"),
        ("gsm8k_accuracy", "gsm8k"),
        ("mbxp_accuracy", "mbxp"),
    )
}
_HASH = re.compile(r"hash=([0-9a-fA-F]{8,128})\s*")
_MAX_LINE = 4_000  # Characters of a line that are looked at.


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """The metrics of a report as (name, literal), in the order MLPerf names them; `digest` is that of its log."""

    metrics: tuple[tuple[str, str], ...]
    digest: str = ""

    @property
    def text(self) -> str:
        """Return the metrics as MLPerf's summaries write them: `ROUGE1: 44.5  ROUGE2: 22.1`."""
        return "  ".join(f"{name}: {literal}" for name, literal in self.metrics)


def parse_accuracy(content: bytes, wanted: tuple[str, ...]) -> tuple[Accuracy, tuple[Problem, ...]]:
    """Return the wanted metrics of a report; of one that stands several times the last counts, as MLPerf takes it."""
    found: dict[str, str] = {}
    digest = ""
    for line in content.decode("utf-8", "replace").split("\n"):
        part = line[:_MAX_LINE]
        for metric in wanted:
            match = _PATTERNS[metric].match(part) if metric in _PATTERNS else None
            if match is not None:
                found[metric] = match[1]
        ending = _HASH.fullmatch(part)
        digest = ending[1].lower() if ending is not None else digest
    accuracy = Accuracy(metrics=tuple((metric, found[metric]) for metric in wanted if metric in found), digest=digest)
    missing = [metric for metric in wanted if metric not in found]
    if not missing:
        return accuracy, ()
    hint = "put back the report of the accuracy script, its last lines among it"
    return accuracy, (problem("CM541", f"says nothing of {', '.join(missing)}", hint),)


def parse_accuracy_text(text: str) -> tuple[tuple[str, float], ...]:
    """Return the metrics of a published summary's cell.

    >>> parse_accuracy_text("ROUGE1: 44.5321  ROUGE2: 22.1191"), parse_accuracy_text("N/A")
    ((('ROUGE1', 44.5321), ('ROUGE2', 22.1191)), ())
    """
    found = re.findall(r"([A-Za-z]\w{0,40})\s*:\s*(\d{1,20}(?:\.\d{1,20})?)", text[:1000])
    return tuple((name, value) for name, literal in found if math.isfinite(value := float(literal)))
