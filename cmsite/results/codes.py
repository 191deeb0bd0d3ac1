"""The findings about papers and reproductions: code, severity, and what a user reads with `cmsite explain`.

Data only; `cmsite.results.reading`, `references` and `evidence` make the findings.
"""

from dataclasses import dataclass

from cmsite.diagnostics import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCode:
    """One kind of finding; `advice` says what is meant and what to do."""

    code: str
    severity: Severity
    title: str
    advice: str


_CODES = (
    ResultCode(
        code="CM501",
        severity=Severity.ERROR,
        title="malformed paper or reproduction",
        advice="A value of a paper or reproduction has the wrong type or is missing. It is left out of every verdict until it is mended.",
    ),
    ResultCode(
        code="CM502",
        severity=Severity.ERROR,
        title="unknown claim or metric",
        advice="A claim names a metric that `metrics` does not declare, or a reproduction names a claim or metric that its paper lacks.",
    ),
    ResultCode(
        code="CM503",
        severity=Severity.ERROR,
        title="evidence is missing or differs",
        advice="A file named as evidence is not in the artifact's folder, or its size or sha256 is not the recorded one. Record the file that was used.",
    ),
    ResultCode(
        code="CM504",
        severity=Severity.WARNING,
        title="stated verdict contradicts the numbers",
        advice="The evaluator's verdict is not the one that claim, tolerance and samples give. Both are shown; correct the verdict or say in a note why it differs.",
    ),
    ResultCode(
        code="CM505",
        severity=Severity.NOTE,
        title="claim without tolerance",
        advice="Without a tolerance a difference is shown and not judged. Give one with its source, or `{type: none, reason: ...}`.",
    ),
    ResultCode(
        code="CM506",
        severity=Severity.WARNING,
        title="paper not found",
        advice="The paper a reproduction belongs to is in none of the repositories read, so its claims cannot be judged.",
    ),
    ResultCode(
        code="CM507",
        severity=Severity.WARNING,
        title="key looks misspelled",
        advice="A key of a paper or reproduction is unknown and resembles a known one; what stands under it is not used.",
    ),
    ResultCode(
        code="CM508",
        severity=Severity.NOTE,
        title="number written as text",
        advice="A number is in quotes, or in a form that YAML 1.1 reads as text (1e5 without a decimal point). It is read as the number it spells.",
    ),
    ResultCode(
        code="CM509",
        severity=Severity.WARNING,
        title="tolerance accepts almost anything",
        advice="A relative tolerance is a fraction: 0.05 is 5 %. One of 1 or more accepts even the value 0.",
    ),
)

RESULT_CODES: dict[str, ResultCode] = {code.code: code for code in _CODES}
