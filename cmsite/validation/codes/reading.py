"""Findings about reading a file: what stops a reader of YAML or JSON."""

from cmsite.diagnostics import FindingCode, Fix, Severity
from cmsite.validation.codes.sources import RFC_8259, YAML, both, cm, mlc

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES = (
    FindingCode(
        code="CM001",
        severity=_E,
        title="meta too large",
        advice="A meta is a description; over 16 MiB it is data. Move the data into a file of its own beside it.",
        source="a limit of cmsite; the largest meta of the public repositories that were read has 0.2 MB",
    ),
    FindingCode(
        code="CM002",
        severity=_E,
        title="not YAML",
        advice="The file cannot be read as YAML. One such file stops `cm` and `mlc` for every repository on a machine.",
        source=both(cm("utils.py", "load_yaml"), mlc("index.py", "_index_single_repo"), YAML),
    ),
    FindingCode(
        code="CM003",
        severity=_E,
        title="not JSON",
        advice="The file cannot be read as JSON. One such file stops `cm` for every repository on a machine; `mlc` leaves the artifact out.",
        source=both(cm("utils.py", "load_json"), mlc("index.py", "_index_single_repo"), RFC_8259),
    ),
    FindingCode(
        code="CM004",
        severity=_W,
        title="duplicate key",
        advice="A key stands twice in one mapping. YAML and JSON readers keep the last value in silence: what the first one set is lost.",
        source=both(f"{YAML}#3211-nodes (keys of a mapping are unique)", f"{RFC_8259}#section-4"),
    ),
    FindingCode(
        code="CM005",
        severity=_E,
        title="not UTF-8",
        advice="The clients read UTF-8 only and stop at anything else. Save the file as UTF-8.",
        source=both(cm("utils.py", "load_yaml, load_json: encoding utf8"), f"{RFC_8259}#section-8.1"),
    ),
    FindingCode(
        code="CM006",
        severity=_E,
        title="empty meta",
        advice="An empty meta stops the clients. Write at least alias, uid, automation_alias, automation_uid and tags, or remove the file.",
        source=both(cm("utils.py", "load_yaml_and_json"), mlc("meta_schema.py", "validate_meta")),
    ),
    FindingCode(
        code="CM007",
        severity=_E,
        title="YAML tag",
        advice="A tag such as `!!python/object` asks the reader to build an object. No safe reader does.",
        source=both(
            "https://pyyaml.org/wiki/PyYAMLDocumentation (safe_load, YAML tags and Python types)",
            mlc("index.py", "_index_single_repo: yaml.safe_load"),
        ),
    ),
    FindingCode(
        code="CM008",
        severity=_E,
        title="byte order mark",
        advice="JSON must not begin with a byte order mark: `cm` stops for every repository on a machine, `mlc` leaves the artifact out. Save the file without it.",
        source=both(
            f"{RFC_8259}#section-8.1 (no byte order mark)",
            cm("utils.py", "load_json"),
            mlc("index.py", "_index_single_repo"),
        ),
        fix=Fix.SAFE,
    ),
    FindingCode(
        code="CM009",
        severity=_E,
        title="half a character",
        advice="Half of a surrogate pair is no character and cannot be written as UTF-8. Write the character itself.",
        source=both(
            f"{RFC_8259}#section-8.2", "https://www.rfc-editor.org/rfc/rfc3629#section-3 (UTF-8 has no surrogates)"
        ),
    ),
    FindingCode(
        code="CM010",
        severity=_E,
        title="meta is no mapping",
        advice="A meta is a mapping of keys to values. A list or a single value cannot be read by the clients.",
        source=both(cm("utils.py", "load_yaml_and_json: meta.update"), mlc("meta_schema.py", "validate_meta")),
    ),
)
