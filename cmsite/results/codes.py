"""The findings about papers, reproductions and rows of experiments: code, severity, and what a user reads with `cmsite explain`.

Data only; `reading`, `references`, `evidence` and `row_checks` make the findings, `run` and the pipeline collect them.
"""

from cmsite.diagnostics import FindingCode, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_CODES = (
    FindingCode(
        code="CM501",
        severity=_E,
        title="malformed paper or reproduction",
        advice="A value of a paper or reproduction is missing or has the wrong type. It takes part in no verdict until it is mended.",
        source="docs/papers.md",
    ),
    FindingCode(
        code="CM502",
        severity=_E,
        title="unknown claim or metric",
        advice="A claim or run names a metric that the paper does not declare, or a reproduction names a claim that the paper does not make. Correct the id, or add the metric or claim to the paper.",
        source="docs/papers.md",
    ),
    FindingCode(
        code="CM503",
        severity=_E,
        title="evidence missing or changed",
        advice="A file named as evidence or log is not in the artifact's folder, or its size or sha256 is not the recorded one. Put back the file that was used; never adjust the digest to another file.",
        source="docs/recording.md",
    ),
    FindingCode(
        code="CM504",
        severity=_W,
        title="stated verdict contradicts the numbers",
        advice="The evaluator's verdict is not the one that claim, tolerance and samples give. Pages show both. Correct the verdict, or the number it rests on.",
        source="docs/verdicts.md",
    ),
    FindingCode(
        code="CM505",
        severity=_N,
        title="claim without tolerance",
        advice="Without a tolerance the difference is shown and not judged. Give one with its source, or say why there is none: {type: none, reason: ...}.",
        source="docs/verdicts.md; https://www.acm.org/publications/policies/artifact-review-and-badging-current (results agree within a tolerance)",
    ),
    FindingCode(
        code="CM506",
        severity=_W,
        title="paper not found",
        advice="The paper that a reproduction names is in none of the repositories read, so none of its claims can be judged. Add the paper's repository to the sources, or correct the name.",
        source="docs/papers.md",
    ),
    FindingCode(
        code="CM507",
        severity=_W,
        title="value without meaning",
        advice="A value has the right type and cannot be used: a sample that is no finite number, ends in the wrong order, an id that stands twice. What depends on it is 'cannot tell'.",
        source="docs/verdicts.md",
    ),
    FindingCode(
        code="CM508",
        severity=_W,
        title="tolerance accepts almost anything",
        advice="A relative tolerance is a fraction: 0.05 is 5 %. One of 1 or more accepts even the value 0.",
        source="docs/verdicts.md",
    ),
    FindingCode(
        code="CM509",
        severity=_W,
        title="artifact not found",
        advice='The artifact that an experience tells of is in none of the repositories read, so no page counts the report under "Works on". Correct the name, or add the artifact\'s repository to the sources.',
        source="docs/recording.md",
    ),
    FindingCode(
        code="CM510",
        severity=_W,
        title="result file not read",
        advice="A result file of an experiment is no JSON, is nested too deeply, or is too large. Its rows stand in no table.",
        source="docs/experiments.md; https://www.rfc-editor.org/rfc/rfc8259",
    ),
    FindingCode(
        code="CM511",
        severity=_W,
        title="conflicting rows",
        advice="Rows with one uid say different things. Tables keep and mark all of them, since nobody but the author knows which is right. Where one of them merely lacks a value, this is a note.",
        source="docs/experiments.md; https://github.com/mlcommons/cm4mlperf-results (281 uids stand there with different content)",
    ),
    FindingCode(
        code="CM512",
        severity=_N,
        title="fraction beside percents",
        advice="The accuracy of a row is 1 or less where other rows of its benchmark are percents. It is shown as it is and marked; nothing is converted.",
        source="docs/experiments.md; https://github.com/mlcommons/cm4mlperf-results (2,417 rows have an accuracy of 1 or less, nearly all of them Dice scores of 3D-UNet)",
    ),
    FindingCode(
        code="CM513",
        severity=_N,
        title="text instead of a number",
        advice="A text such as '4 (big); 4 (LITTLE)' stands where a number is expected. It is shown, and takes part in no arithmetic.",
        source="docs/experiments.md; https://github.com/mlcommons/policies/blob/master/submission_rules.adoc (system descriptions)",
    ),
    FindingCode(
        code="CM514",
        severity=_W,
        title="two units in one row",
        advice="A row names two different units for its result, so that nobody can tell what it measures.",
        source="docs/experiments.md; https://github.com/mlcommons/cm4mlperf-results (1,662 rows name two units)",
    ),
    FindingCode(
        code="CM515",
        severity=_N,
        title="row without a result",
        advice="A row has no result, or none that is a number, and no power. It is shown, and takes part in no ranking or front.",
        source="docs/experiments.md; https://github.com/mlcommons/cm4mlperf-results (1,245 rows have no result; all state their power)",
    ),
    FindingCode(
        code="CM516",
        severity=_N,
        title="inferred rows",
        advice="Rows were worked out from others instead of measured. They are shown and marked; rankings and fronts leave them out.",
        source="docs/experiments.md; https://github.com/mlcommons/inference_policies/blob/master/inference_rules.adoc (results inferred from another scenario)",
    ),
    FindingCode(
        code="CM517",
        severity=_N,
        title="key with blanks",
        advice="A key of a row has blanks around or amid it that do not belong there, so that programs take it for another key. It counts as the key without them.",
        source="docs/experiments.md; https://github.com/mlcommons/cm4mlperf-results (keys with trailing blanks)",
    ),
    FindingCode(
        code="CM518",
        severity=_N,
        title="name spelled in two ways",
        advice="Values of a column differ in nothing but case, blanks, `-` and `_`, or by one letter of a word of which the other spelling is much more frequent. They are kept apart, so shares and filters count them as two.",
        source="docs/experiments.md; https://github.com/mlcommons/cm4mlperf-results (CTuning beside cTuning)",
    ),
    FindingCode(
        code="CM519",
        severity=_E,
        title="declaration about experiments that fits nothing",
        advice="registry.yml declares a derived metric or compatible versions that name a table, column, benchmark or version which no experiment has, or an expression that cannot be read. A build stops at it. Correct the name, or take the declaration out.",
        source="docs/experiments.md",
    ),
    FindingCode(
        code="CM520",
        severity=_W,
        title="unknown badge",
        advice="The scheme or level of a badge is none that is known. It is shown in its own words and counts under no scheme. docs/existing-results.md lists schemes and levels.",
        source="docs/existing-results.md; https://www.acm.org/publications/policies/artifact-review-and-badging-current; https://doi.org/10.3789/niso-rp-31-2021",
    ),
    FindingCode(
        code="CM521",
        severity=_N,
        title="badge without issuer",
        advice="Badges come from issuers. One that names none is shown with these words beside it. Name who gave it and when, or write `self_asserted: true`.",
        source="docs/existing-results.md; https://www.acm.org/publications/policies/artifact-review-and-badging-current",
    ),
    FindingCode(
        code="CM522",
        severity=_W,
        title="malformed codecheck.yml",
        advice="A codecheck.yml cannot be read, or lacks what a finished check has to say. What can be read is shown. https://codecheck.org.uk/spec/config/1.0/ says what stands in it.",
        source="https://codecheck.org.uk/spec/config/1.0/",
    ),
    FindingCode(
        code="CM523",
        severity=_W,
        title="checked file missing",
        advice="A file of a CODECHECK manifest is neither beside codecheck.yml nor in codecheck/outputs/, so nobody can compare it. Add the file, or correct its path.",
        source="https://codecheck.org.uk/spec/config/1.0/ (manifest)",
    ),
    FindingCode(
        code="CM524",
        severity=_N,
        title="still to be written",
        advice="`cmsite new paper` left this text to be written by hand. Until then the page shows the placeholder.",
        source="docs/papers.md",
    ),
    FindingCode(
        code="CM525",
        severity=_W,
        title="declared points differ from the files",
        advice="The meta of a CK experiment counts other points than there are files of points, so results were lost or never declared. Add the files, or correct `points`.",
        source="https://github.com/ctuning/ck-analytics/blob/master/module/experiment/module.py",
    ),
    FindingCode(
        code="CM526",
        severity=_N,
        title="tolerance without source",
        advice="A reader has to know whether the authors, the venue or the evaluator allowed a difference: a tolerance chosen after the measurement proves little. Add `source: author`, `venue` or `evaluator`.",
        source="docs/verdicts.md",
    ),
    FindingCode(
        code="CM527",
        severity=_N,
        title="direction unknown",
        advice="Rows have a result without a unit, or in one of which it is not known whether more or less is better, so a ranking by it may stand on its head. Name a unit such as Samples/s or Latency (ms).",
        source="https://docs.mlcommons.org/inference/",
    ),
)

RESULT_CODES: dict[str, FindingCode] = {code.code: code for code in _CODES}
