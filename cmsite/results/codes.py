"""The findings about papers, reproductions and rows of experiments: code, severity, and what a user reads with `cmsite explain`.

Data only; `reading`, `references`, `evidence` and `row_checks` make the findings, `run` and the pipeline collect them.
"""

from cmsite.diagnostics import FindingCode, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "CM501",
        _E,
        "malformed paper or reproduction",
        "A value of a paper or reproduction is missing or has the wrong type. It takes part in no verdict until it is mended.",
    ),
    (
        "CM502",
        _E,
        "unknown claim or metric",
        "A claim or run names a metric that the paper does not declare, or a reproduction names a claim that the paper does not make. Correct the id, or add the metric or claim to the paper.",
    ),
    (
        "CM503",
        _E,
        "evidence missing or changed",
        "A file named as evidence or log is not in the artifact's folder, or its size or sha256 is not the recorded one. Put back the file that was used; never adjust the digest to another file.",
    ),
    (
        "CM504",
        _W,
        "stated verdict contradicts the numbers",
        "The evaluator's verdict is not the one that claim, tolerance and samples give. Pages show both. Correct the verdict, or the number it rests on.",
    ),
    (
        "CM505",
        _N,
        "claim without tolerance",
        "Without a tolerance the difference is shown and not judged. Give one with its source, or say why there is none: {type: none, reason: ...}.",
    ),
    (
        "CM506",
        _W,
        "paper not found",
        "The paper that a reproduction names is in none of the repositories read, so none of its claims can be judged. Add the paper's repository to the sources, or correct the name.",
    ),
    (
        "CM507",
        _W,
        "value without meaning",
        "A value has the right type and cannot be used: a sample that is no finite number, ends in the wrong order, an id that stands twice. What depends on it is 'cannot tell'.",
    ),
    (
        "CM508",
        _W,
        "tolerance accepts almost anything",
        "A relative tolerance is a fraction: 0.05 is 5 %. One of 1 or more accepts even the value 0.",
    ),
    (
        "CM509",
        _W,
        "artifact not found",
        'The artifact that an experience tells of is in none of the repositories read, so no page counts the report under "Works on". Correct the name, or add the artifact\'s repository to the sources.',
    ),
    (
        "CM510",
        _W,
        "result file not read",
        "A result file of an experiment is no JSON, is nested too deeply, or is too large. Its rows stand in no table.",
    ),
    (
        "CM511",
        _W,
        "conflicting rows",
        "Rows with one uid say different things. Tables keep and mark all of them, since nobody but the author knows which is right.",
    ),
    (
        "CM512",
        _N,
        "fraction beside percents",
        "The accuracy of a row is 1 or less where other rows are percents. It is shown as it is and marked; nothing is converted.",
    ),
    (
        "CM513",
        _N,
        "text instead of a number",
        "A text such as '4 (big); 4 (LITTLE)' stands where a number is expected. It is shown, and takes part in no arithmetic.",
    ),
    (
        "CM514",
        _W,
        "two units in one row",
        "A row names two different units for its result, so that nobody can tell what it measures.",
    ),
    (
        "CM515",
        _N,
        "row without a result",
        "A row has no result, or none that is a number. It is shown, and takes part in no ranking or front.",
    ),
    (
        "CM516",
        _N,
        "inferred rows",
        "Rows were worked out from others instead of measured. They are shown and marked; rankings and fronts leave them out.",
    ),
    (
        "CM517",
        _N,
        "key with blanks",
        "A key of a row has blanks around or amid it that do not belong there, so that programs take it for another key. It counts as the key without them.",
    ),
    (
        "CM518",
        _N,
        "name spelled in two ways",
        "Values of a column differ in nothing but case, blanks, `-` and `_`, or by one letter of a word of which the other spelling is much more frequent. They are kept apart, so shares and filters count them as two.",
    ),
    (
        "CM519",
        _E,
        "declaration about experiments that fits nothing",
        "registry.yml declares a derived metric or compatible versions that name a table, column, benchmark or version which no experiment has, or an expression that cannot be read. A build stops at it. Correct the name, or take the declaration out.",
    ),
    (
        "CM520",
        _W,
        "unknown badge",
        "The scheme or level of a badge is none that is known. It is shown in its own words and counts under no scheme. docs/existing-results.md lists schemes and levels.",
    ),
    (
        "CM521",
        _N,
        "badge without issuer",
        "Badges come from issuers. One that names none is shown with these words beside it. Name who gave it and when, or write `self_asserted: true`.",
    ),
    (
        "CM522",
        _W,
        "malformed codecheck.yml",
        "A codecheck.yml cannot be read, or lacks what a finished check has to say. What can be read is shown. https://codecheck.org.uk/spec/config/1.0/ says what stands in it.",
    ),
    (
        "CM523",
        _W,
        "checked file missing",
        "A file of a CODECHECK manifest is neither beside codecheck.yml nor in codecheck/outputs/, so nobody can compare it. Add the file, or correct its path.",
    ),
    (
        "CM524",
        _N,
        "still to be written",
        "`cmsite new paper` left this text to be written by hand. Until then the page shows the placeholder.",
    ),
)

RESULT_CODES: dict[str, FindingCode] = {
    code: FindingCode(code=code, severity=severity, title=title, advice=advice)
    for code, severity, title, advice in _ROWS
}
