"""What a paper or reproduction says about others: metrics, claims, the paper, and verdicts that the numbers deny.

Source: facts/results.md §2.8 (a contradiction is a finding); CONTRACT §9.
"""

import difflib
from collections.abc import Iterable, Iterator

from cmsite.diagnostics import Diagnostic
from cmsite.model.artifact import Artifact
from cmsite.model.results import Claim, ClaimKind, Paper, Reproduction, ToleranceType
from cmsite.results.fields import finding
from cmsite.results.verdicts import contradicts, judge

_MEASURED = frozenset({ClaimKind.VALUE, ClaimKind.RANGE, ClaimKind.BOUND, ClaimKind.RATIO})
"""Kinds that need a metric; a trend with its parameter does too."""


def check_paper(artifact: Artifact, paper: Paper) -> Iterator[Diagnostic]:
    """Yield what is wrong between the claims and metrics of one paper."""
    metrics = [metric.id for metric in paper.metrics]
    claims = [claim.id for claim in paper.claims]
    for claim in paper.claims:
        pointer = f"/claims/{claim.index}"
        needed = claim.metric or claim.kind in _MEASURED or claim.trend
        if needed and claim.metric not in metrics:
            message = f"claim {claim.id} names the metric '{claim.metric}', which the paper does not declare"
            yield finding(artifact, "CM502", f"{pointer}/metric", message, _hint(claim.metric, metrics, "metrics"))
        for place, name in enumerate(claim.order):
            if name not in claims:
                message = f"the ranking {claim.id} names the claim '{name}', which the paper does not make"
                yield finding(artifact, "CM502", f"{pointer}/order/{place}", message, _hint(name, claims, "claims"))
        yield from _check_parts(artifact, paper, claim, pointer)
        yield from _check_unit(artifact, paper, claim, pointer)
        if _lacks_tolerance(claim):
            message = f"claim {claim.id} has no tolerance: a difference will be shown and not judged"
            hint = "give one with its source, or `tolerance: {type: none, reason: ...}`"
            yield finding(artifact, "CM505", pointer, message, hint)
        elif _lacks_source(claim):
            message = f"claim {claim.id} does not say who chose its tolerance"
            hint = "add `source: author`, `venue` or `evaluator`"
            yield finding(artifact, "CM526", f"{pointer}/tolerance", message, hint)


def _check_parts(artifact: Artifact, paper: Paper, claim: Claim, pointer: str) -> Iterator[Diagnostic]:
    """Yield what is wrong with the names a ratio or ranking is made of."""
    sides = (("of", claim.ratio.of), ("over", claim.ratio.over)) if claim.ratio else ()
    for key, name in sides:
        is_other = name != claim.id and paper.claim(name) is not None
        if name and not is_other and paper.metric(name) is None:
            known = [*(item.id for item in paper.claims if item.id != claim.id), *(item.id for item in paper.metrics)]
            message = f"the ratio {claim.id} names '{name}', which is no other claim and no metric of the paper"
            yield finding(
                artifact, "CM502", f"{pointer}/ratio/{key}", message, _hint(name, known, "claims and metrics")
            )
    if claim.id in claim.order or len(set(claim.order)) < len(claim.order):
        message = f"the ranking {claim.id} names {'itself' if claim.id in claim.order else 'a claim twice'}"
        yield finding(artifact, "CM507", f"{pointer}/order", message, "name each ranked claim once")


def _check_unit(artifact: Artifact, paper: Paper, claim: Claim, pointer: str) -> Iterator[Diagnostic]:
    metric = paper.metric(claim.metric)
    if metric and claim.unit and metric.unit and claim.unit.strip() != metric.unit.strip():
        message = f"claim {claim.id} is in '{claim.unit}', its metric {metric.id} in '{metric.unit}'"
        yield finding(artifact, "CM507", f"{pointer}/unit", message, "write the claim in its metric's unit")


def _lacks_tolerance(claim: Claim) -> bool:
    if claim.kind not in (ClaimKind.VALUE, ClaimKind.RATIO):
        return False
    tolerance = claim.tolerance
    return tolerance is None or (tolerance.readable and tolerance.type is ToleranceType.NONE and not tolerance.reason)


def _lacks_source(claim: Claim) -> bool:
    tolerance = claim.tolerance
    if tolerance is None or tolerance.type is ToleranceType.NONE or tolerance.preset:
        return False
    return tolerance.readable and tolerance.source is None


def check_reproduction(artifact: Artifact, reproduction: Reproduction, paper: Paper | None) -> Iterator[Diagnostic]:
    """Yield what is wrong between a reproduction and its paper; `paper` is None where none was found."""
    if paper is None:
        name = ",".join(part for part in (reproduction.paper_alias, reproduction.paper_uid) if part)
        if name:
            message = f"the paper '{name}' is in none of the repositories read"
            hint = "add its repository to the sources, or correct the name"
            yield finding(artifact, "CM506", "/reproduction/paper", message, hint)
        return
    yield from _unknown_names(artifact, reproduction, paper)
    yield from _contradictions(artifact, reproduction, paper)


def _unknown_names(artifact: Artifact, reproduction: Reproduction, paper: Paper) -> Iterator[Diagnostic]:
    claims = [claim.id for claim in paper.claims]
    metrics = [metric.id for metric in paper.metrics]
    for pointer, name in _named_claims(reproduction):
        if name not in claims:
            message = f"'{name}' is no claim of the paper {paper.alias}"
            yield finding(artifact, "CM502", pointer, message, _hint(name, claims, "claims"))
    for run in reproduction.runs:
        if run.metric and run.metric not in metrics:
            message = f"a run measured '{run.metric}', which is no metric of the paper {paper.alias}"
            pointer = f"/reproduction/runs/{run.index}/metric"
            yield finding(artifact, "CM502", pointer, message, _hint(run.metric, metrics, "metrics"))


def _named_claims(reproduction: Reproduction) -> Iterator[tuple[str, str]]:
    """Yield every claim a reproduction names, with a pointer to where it does, each name once."""
    places = dict.fromkeys(reproduction.claims, "/reproduction/claims")
    for run in reproduction.runs:
        for name in run.claims:
            places.setdefault(name, f"/reproduction/runs/{run.index}/claims")
    for name in (entry.claim for entry in reproduction.not_attempted):
        places.setdefault(name, "/reproduction/not_attempted")
    for name, _ in reproduction.stated:
        places.setdefault(name, "/reproduction/verdict_stated")
    yield from ((pointer, name) for name, pointer in places.items() if name)


def _contradictions(artifact: Artifact, reproduction: Reproduction, paper: Paper) -> Iterator[Diagnostic]:
    """Yield stated verdicts that the numbers deny, but for claims whose run names an unknown metric: that is one mistake."""
    misnamed = {name for run in reproduction.runs if run.metric and not paper.metric(run.metric) for name in run.claims}
    for name, stated in reproduction.stated:
        claim = paper.claim(name)
        if claim is None or name in misnamed:
            continue
        judgement = judge(claim, paper.metric(claim.metric), reproduction, paper)
        if contradicts(stated, judgement.verdict):
            why = f": {judgement.reasons[0]}" if judgement.reasons else ""
            message = f"{name} is stated as '{stated.value}', the numbers say '{judgement.verdict.value}'{why}"
            step = name.replace("~", "~0").replace("/", "~1")
            hint = "correct the verdict or the numbers it rests on; pages show both"
            yield finding(artifact, "CM504", f"/reproduction/verdict_stated/{step}", message, hint)


def _hint(name: str, known: Iterable[str], what: str) -> str:
    """Return what could be meant, else what there is."""
    names = list(known)
    near = difflib.get_close_matches(name[:100], names, n=1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"the paper has the {what} {', '.join(names[:10])}" if names else f"the paper declares no {what}"
