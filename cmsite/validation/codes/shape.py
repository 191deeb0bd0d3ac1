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
            "https://github.com/mlcommons/mlperf-automations/issues/825",
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
)
