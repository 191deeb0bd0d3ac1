"""One metric, claim or tolerance of a paper: block → value.

Source: CONTRACT §9, facts/results.md §1; docs/papers.md has the format with an example.
"""

import difflib
from dataclasses import replace

from cmsite.model.claim_parts import Direction, RatioParts, Trend
from cmsite.model.results import (
    Claim,
    ClaimKind,
    Comparator,
    Metric,
    Number,
    Scale,
    Tolerance,
    ToleranceSource,
    ToleranceType,
)
from cmsite.results.fields import Block, shown
from cmsite.results.presets import PRESETS, preset_tolerance
from cmsite.results.samples import STATISTICS


def read_metric(block: Block) -> Metric:
    """Read one entry of `metrics`."""
    return Metric(
        id=block.text("id", required=True),
        name=block.text("name"),
        unit=block.text("unit"),
        scale=block.choice("scale", Scale) or Scale.RATIO,
        lower_is_better=block.flag("lower_is_better"),
        precision=_decimals(block),
        description=block.text("description"),
    )


def _decimals(block: Block) -> int | None:
    decimals = block.whole("precision")
    return None if decimals is None else min(decimals, 30)


def read_claim(block: Block, index: int) -> Claim:
    """Read one entry of `claims`, with its place in the list."""
    kind = block.choice("kind", ClaimKind)
    if not block.has("kind"):
        block.report.add("CM501", block.at("kind"), "kind is missing", "add `kind:`, for instance `kind: value`")
    statistic = block.text("statistic") or "mean"
    if statistic not in STATISTICS:
        block.report.add(
            "CM507", block.at("statistic"), f"the statistic '{statistic}' is unknown", "use " + ", ".join(STATISTICS)
        )
    dispersion = block.block("dispersion")
    value, lower, upper = block.number("value"), block.number("lower"), block.number("upper")
    if lower and upper and lower.value is not None and upper.value is not None and lower.value > upper.value:
        block.report.add("CM507", block.at("lower"), "lower lies above upper", "exchange the two")
    return Claim(
        id=block.text("id", required=True),
        index=index,
        text=block.text("text"),
        locator=block.text("locator"),
        source=block.text("source"),
        # A claim whose kind cannot be read is judged by nobody but the evaluator.
        kind=kind or ClaimKind.QUALITATIVE,
        metric=block.text("metric"),
        value=value,
        lower=lower,
        upper=upper,
        comparator=block.choice("comparator", Comparator),
        unit=block.text("unit"),
        order=block.texts("order"),
        ratio=_ratio(block.block("ratio")) if block.has("ratio") else None,
        trend=_trend(block.block("trend")) if block.has("trend") else None,
        tolerance=_tolerance(block.block("tolerance"), value or lower) if block.has("tolerance") else None,
        main=block.flag("main") or False,
        hardware_dependent=block.flag("hardware_dependent"),
        statistic=statistic,
        repetitions=block.whole("repetitions"),
        dispersion_type=dispersion.text("type"),
        dispersion=dispersion.number("value"),
        compatible_with=block.alternatives("compatible_with"),
        environment=block.pairs("environment"),
        parameters=block.pairs("parameters"),
        not_reproducible_reason=block.text("not_reproducible_reason"),
        note=block.text("note"),
    )


def _ratio(block: Block) -> RatioParts | None:
    """Return what is divided by what; None where the block is no mapping, which was reported."""
    if not block.is_mapping:
        return None
    return RatioParts(of=block.text("of", required=True), over=block.text("over", required=True))


def _trend(block: Block) -> Trend | None:
    if not block.is_mapping:
        return None
    if not block.has("direction"):
        known = ", ".join(direction.value for direction in Direction)
        block.report.add("CM501", block.at("direction"), "direction is missing", f"add one of {known}")
    return Trend(parameter=block.text("parameter", required=True), direction=block.choice("direction", Direction))


def _tolerance(block: Block, reference: Number | None) -> Tolerance:
    """Read a tolerance; a preset is filled in for the claimed value, or the lower end of a claimed range."""
    if not block.is_mapping:
        return Tolerance(readable=False)
    if block.has("preset"):
        return _preset(block, reference)
    kind = block.choice("type", ToleranceType)
    if not block.has("type"):
        block.report.add("CM501", block.at("type"), "type is missing", "add relative, absolute, bound, ci or none")
    value, lower, upper = block.number("value"), block.number("lower"), block.number("upper")
    problem = _problem_of_tolerance(kind, value, lower, upper) if kind else ""
    if problem:
        block.report.add(
            "CM507", block.pointer, f"the tolerance cannot be used: {problem}", "docs/papers.md shows each type"
        )
    if kind is ToleranceType.RELATIVE and value and value.value is not None and value.value >= 1:
        message = (
            f"a relative tolerance of {value.literal} accepts a difference of {value.literal} times the claimed value"
        )
        block.report.add("CM508", block.at("value"), message, "write 0.05 for 5 %")
    return Tolerance(
        type=kind or ToleranceType.NONE,
        value=value,
        lower=lower,
        upper=upper,
        source=block.choice("source", ToleranceSource),
        reason=block.text("reason"),
        readable=kind is not None and not problem,
    )


def _preset(block: Block, reference: Number | None) -> Tolerance:
    name = block.text("preset")
    declared = Tolerance(source=block.choice("source", ToleranceSource), reason=block.text("reason"), preset=name)
    preset = PRESETS.get(name)
    if preset is None:
        near = difflib.get_close_matches(name[:100], PRESETS, n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'?" if near else f"the presets are {', '.join(PRESETS)}"
        block.report.add("CM501", block.at("preset"), f"the preset {shown(name)} is unknown", hint)
        return replace(declared, readable=False, preset="")
    others = [key for key in ("value", "lower", "upper") if block.has(key)]
    if block.has("type") and block.data["type"] != preset.type.value:
        others.append("type")
    if others:
        message = f"the tolerance cannot be used: the preset '{name}' has its own {' and '.join(others)}"
        block.report.add("CM507", block.pointer, message, "leave them out, or write the tolerance without a preset")
        return replace(declared, readable=False)
    return preset_tolerance(preset, reference, declared)


def _problem_of_tolerance(kind: ToleranceType, value: Number | None, lower: Number | None, upper: Number | None) -> str:
    """Return what keeps a tolerance from being used, "" where nothing does."""
    if kind in (ToleranceType.RELATIVE, ToleranceType.ABSOLUTE):
        if value is None or value.value is None:
            return f"'{kind.value}' needs a number as `value`"
        return "its value is negative" if value.value < 0 else ""
    return "" if kind is ToleranceType.NONE else _problem_of_ends(kind, value, lower, upper)


def _problem_of_ends(kind: ToleranceType, value: Number | None, lower: Number | None, upper: Number | None) -> str:
    """Return what is wrong with the ends of `bound` or `ci`."""
    ends = [end.value for end in (lower, upper) if end is not None]
    finite = [end for end in ends if end is not None]
    if len(finite) < len(ends):
        return "an end is no finite number"
    if kind is ToleranceType.CI and len(ends) < 2:  # noqa: PLR2004 - an interval has two ends.
        return "'ci' needs `lower` and `upper`"
    if kind is ToleranceType.BOUND and value is not None:
        return "'bound' takes `lower` or `upper`, not `value`"
    return "`lower` lies above `upper`" if finite != sorted(finite) else ""
