"""Findings about the shape of one meta: types, keys, tags."""

from cmsite.diagnostics import FindingCode, Fix, Severity
from cmsite.validation.codes.sources import JSON_SCHEMA, SCRIPT_META, both, cm, mlc

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES = (
    FindingCode(
        code="CM201",
        severity=_E,
        title="wrong type",
        advice="The value has a type that the clients cannot use here.",
        source=both(mlc("meta_schema.py", "TOP_LEVEL_SCHEMA, validate_meta"), SCRIPT_META, f"{JSON_SCHEMA}#name-type"),
        fix=Fix.ASKED,
    ),
    FindingCode(
        code="CM202",
        severity=_E,
        title="missing key",
        advice="The clients need this key.",
        source=both(
            mlc("meta_schema.py", "REQUIRED_KEYS"), cm("automation.py", "search"), f"{JSON_SCHEMA}#name-required"
        ),
    ),
    FindingCode(
        code="CM203",
        severity=_W,
        title="value not allowed",
        advice="The value is none of those the clients know.",
        source=f"{JSON_SCHEMA}#name-enum",
    ),
    FindingCode(
        code="CM204",
        severity=_W,
        title="value of the wrong form",
        advice="The value does not have the form that is needed here.",
        source=f"{JSON_SCHEMA}#name-pattern",
    ),
    FindingCode(
        code="CM205",
        severity=_W,
        title="wrong number of values",
        advice="There are too few or too many values here.",
        source=f"{JSON_SCHEMA}#name-minitems",
    ),
    FindingCode(
        code="CM206",
        severity=_W,
        title="value without effect",
        advice="The clients pass over a value of this kind here, without a word. Write what they read, or remove it.",
        source="https://github.com/mlcommons/cm4mlops/blob/e1d5c7cf04d189531dd6c22dd1176100c94608c1/automation/script/README-specs.md",
    ),
    FindingCode(
        code="CM207",
        severity=_W,
        title="dates in the wrong order",
        advice="Something ends before it begins, so the playground never shows it as open. Correct one of the dates.",
        source="https://github.com/mlcommons/ck/blob/6debe60716d21045fc1476221a4b0cbbbf540426/cm-mlops/script/gui/playground_challenges.py#L95",
    ),
    FindingCode(
        code="CM208",
        severity=_N,
        title="capital letters in a tag",
        advice="Tags are compared letter by letter, and most are lower case: whoever types this one in lower case finds nothing.",
        source="https://github.com/mlcommons/ck/blob/6debe60716d21045fc1476221a4b0cbbbf540426/cm/cmind/utils.py (`tags_matched`)",
    ),
    FindingCode(
        code="CM209",
        severity=_N,
        title="no tags",
        advice="Artifacts of this automation are found, and named in dependencies, by their tags; without any only alias and uid lead here.",
        source="https://github.com/mlcommons/cm4mlops/blob/e1d5c7cf04d189531dd6c22dd1176100c94608c1/automation/script/README-specs.md",
    ),
    FindingCode(
        code="CM210",
        severity=_W,
        title="misspelt key",
        advice="The clients ignore a key they do not know, in silence. This one looks like a known key.",
        source=both(mlc("meta_schema.py", "validate_meta: an unknown key is a line of the debug log"), SCRIPT_META),
        fix=Fix.ASKED,
    ),
    FindingCode(
        code="CM211",
        severity=_N,
        title="unknown key",
        advice="The clients ignore a key they do not know. It is kept and shown; if it is your own, nothing needs to be done.",
        source=both(mlc("meta_schema.py", "validate_meta: an unknown key is a line of the debug log"), SCRIPT_META),
    ),
    FindingCode(
        code="CM212",
        severity=_N,
        title="disabled key?",
        advice="A known key with a `1`, `_off` or `_disabled` behind it, or a `_` before it, is switched off on purpose or by mistake.",
        source=both(
            mlc("meta_schema.py", "validate_meta: post_deps_off"),
            "https://github.com/mlcommons/cm4mlops/blob/e1d5c7cf04d189531dd6c22dd1176100c94608c1/script/app-mlperf-inference-qualcomm/_cm.yaml#L216 (a key switched off with a 1)",
        ),
    ),
    FindingCode(
        code="CM213",
        severity=_W,
        title="blank or repeated tag",
        advice="Tags are compared letter by letter; a blank tag matches nothing and a repeated one says nothing.",
        source=both(cm("utils.py", "tags_matched"), mlc("action.py", "search")),
        fix=Fix.SAFE,
    ),
    FindingCode(
        code="CM214",
        severity=_W,
        title="key not allowed",
        advice="The value has a fixed set of keys, and this is none of them, so nothing reads it.",
        source="https://json-schema.org/draft/2020-12/json-schema-core#name-additionalproperties",
    ),
    FindingCode(
        code="CM215",
        severity=_W,
        title="default that cannot be off",
        advice="The clients ask only whether a variation has the key `default`, not for its value: `default: false` makes it the default of its group, or is one default too many. Remove the key.",
        source="https://github.com/mlcommons/cm4mlops/blob/e1d5c7cf04d189531dd6c22dd1176100c94608c1/automation/script/module.py (`_get_variation_groups`)",
    ),
    FindingCode(
        code="CM216",
        severity=_W,
        title="environment variable outside `env`",
        advice="Variables are set by `env` and `default_env` only; beside them nothing reads one. Often the lines are not indented far enough.",
        source="https://github.com/mlcommons/mlperf-automations/blob/20d3d94c4fbbefca1a69f0e2b23295d196fd3e63/automation/script/meta_schema.py (`validate_meta`)",
    ),
    FindingCode(
        code="CM217",
        severity=_W,
        title="key in the place of a variation",
        advice="A variation has the name of a key of variations, or a key the name of a variation: most likely lines are indented too much or too little, so that nothing reads them.",
        source="https://github.com/mlcommons/mlperf-automations/blob/20d3d94c4fbbefca1a69f0e2b23295d196fd3e63/automation/script/meta_schema.py (`validate_meta`)",
    ),
    FindingCode(
        code="CM218",
        severity=_W,
        title="version is a number",
        advice="YAML reads 3.10 as the number 3.1, and `cm` fails at a version that is no text. Put versions in quotes.",
        source="https://yaml.org/spec/1.2.2/#10214-floating-point",
    ),
)
