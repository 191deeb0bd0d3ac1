"""Findings about reading a file: what stops a reader of YAML or JSON."""

from cmsite.diagnostics import FindingCode, Fix, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES = (
    FindingCode(
        code="CM001",
        severity=_E,
        title="meta too large",
        advice="A meta is a description; over 16 MiB it is data. Move the data into a file of its own beside it.",
    ),
    FindingCode(
        code="CM002",
        severity=_E,
        title="not YAML",
        advice="The file cannot be read as YAML. One such file stops `cm` and `mlc` for every repository on a machine.",
    ),
    FindingCode(
        code="CM003",
        severity=_E,
        title="not JSON",
        advice="The file cannot be read as JSON. One such file stops `cm` and `mlc` for every repository on a machine.",
    ),
    FindingCode(
        code="CM004",
        severity=_W,
        title="duplicate key",
        advice="A key stands twice in one mapping. YAML and JSON readers keep the last value in silence: what the first one set is lost.",
    ),
    FindingCode(
        code="CM005",
        severity=_E,
        title="not UTF-8",
        advice="The clients read UTF-8 only and stop at anything else. Save the file as UTF-8.",
    ),
    FindingCode(
        code="CM006",
        severity=_E,
        title="empty meta",
        advice="An empty meta stops the clients. Write at least alias, uid, automation_alias, automation_uid and tags, or remove the file.",
    ),
    FindingCode(
        code="CM007",
        severity=_E,
        title="YAML tag",
        advice="A tag such as `!!python/object` asks the reader to build an object. No safe reader does.",
    ),
    FindingCode(
        code="CM008",
        severity=_E,
        title="byte order mark",
        advice="JSON must not begin with a byte order mark: the clients stop. Save the file without it.",
        fix=Fix.SAFE,
    ),
    FindingCode(
        code="CM009",
        severity=_E,
        title="half a character",
        advice="Half of a surrogate pair is no character and cannot be written as UTF-8. Write the character itself.",
    ),
    FindingCode(
        code="CM010",
        severity=_E,
        title="meta is no mapping",
        advice="A meta is a mapping of keys to values. A list or a single value cannot be read by the clients.",
    ),
)
