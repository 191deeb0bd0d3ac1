"""Every kind of finding about repositories, metas and references; papers and results have theirs in `results.codes`.

A code never changes its meaning. CM0 reading, CM1 identity, CM2 shape, CM3 dependencies, CM4 files.
Source: facts/formats.md §5 (what stops the clients) and §7 (defects that real repositories hold).
"""

from cmsite.diagnostics import FindingCode, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_ROWS: tuple[tuple[str, Severity, str, str], ...] = (
    (
        "CM001",
        _E,
        "meta too large",
        "A meta is a description; over 16 MiB it is data. Move the data into a file of its own beside it.",
    ),
    (
        "CM002",
        _E,
        "not YAML",
        "The file cannot be read as YAML. One such file stops `cm` and `mlc` for every repository on a machine.",
    ),
    (
        "CM003",
        _E,
        "not JSON",
        "The file cannot be read as JSON. One such file stops `cm` and `mlc` for every repository on a machine.",
    ),
    (
        "CM004",
        _W,
        "duplicate key",
        "A key stands twice in one mapping. YAML and JSON readers keep the last value in silence: what the first one set is lost.",
    ),
    ("CM005", _E, "not UTF-8", "The clients read UTF-8 only and stop at anything else. Save the file as UTF-8."),
    (
        "CM006",
        _E,
        "empty meta",
        "An empty meta stops the clients. Write at least alias, uid, automation_alias, automation_uid and tags, or remove the file.",
    ),
    (
        "CM007",
        _E,
        "YAML tag",
        "A tag such as `!!python/object` asks the reader to build an object. No safe reader does.",
    ),
    (
        "CM008",
        _E,
        "byte order mark",
        "JSON must not begin with a byte order mark: the clients stop. Save the file without it.",
    ),
    (
        "CM009",
        _E,
        "half a character",
        "Half of a surrogate pair is no character and cannot be written as UTF-8. Write the character itself.",
    ),
    (
        "CM010",
        _E,
        "meta is no mapping",
        "A meta is a mapping of keys to values. A list or a single value cannot be read by the clients.",
    ),
    (
        "CM101",
        _E,
        "missing uid",
        "Without a uid an artifact cannot be named for ever, and `mlc` does not see it. Draw one: 16 hexadecimal digits.",
    ),
    ("CM102", _E, "invalid uid", "A uid has 16 hexadecimal digits. Anything else is taken for an alias."),
    (
        "CM103",
        _W,
        "alias differs from folder",
        "The clients find an artifact by its alias, people by its folder. Make them equal, or leave the alias empty in a folder named by the uid.",
    ),
    (
        "CM104",
        _E,
        "duplicate uid",
        "Two artifacts of one automation share a uid: `mlc` finds one of them only, `cm` drops one from its lists. Draw a new uid for the copy.",
    ),
    (
        "CM105",
        _E,
        "duplicate alias",
        "Two artifacts of one automation share an alias: which one a client runs is chance. Rename one.",
    ),
    (
        "CM106",
        _E,
        "uid is a number",
        "An unquoted uid of digits only is a number in YAML, at which the clients crash. Put it in quotes.",
    ),
    (
        "CM107",
        _W,
        "unknown automation",
        "The automation's alias and uid are no known pair. Clients find artifacts by the uid, so a wrong one hides the artifact.",
    ),
    (
        "CM108",
        _W,
        "repository key taken",
        "Two repositories of the registry have one alias; the later one gets a number in its addresses. Give it a `name:` in registry.yml.",
    ),
    (
        "CM109",
        _E,
        "descriptor without alias or uid",
        "Without both, every `cm` command stops with a KeyError once the repository is registered.",
    ),
    (
        "CM110",
        _W,
        "repository without descriptor",
        "There are artifacts but no cmr.yaml, .ckr.json or meta.yaml, so no client can register the folder. Write one with alias and uid.",
    ),
    (
        "CM111",
        _N,
        "copies differ",
        "Several repositories of the registry hold this uid with different bytes. Search shows the first in the order of registry.yml.",
    ),
    (
        "CM112",
        _W,
        "decision without effect",
        "An entry of decisions.yml names nothing that is published, or what it asks for cannot be done. Correct or remove it.",
    ),
    (
        "CM113",
        _E,
        "purged content in the source",
        "The content was purged from what is published, so it is left out; the source still holds it. Remove it there, its history too.",
    ),
    ("CM201", _E, "wrong type", "The value has a type that the clients cannot use here."),
    ("CM202", _E, "missing key", "The clients need this key."),
    ("CM203", _W, "value not allowed", "The value is none of those the clients know."),
    ("CM204", _W, "value of the wrong form", "The value does not have the form that is needed here."),
    ("CM205", _W, "wrong number of values", "There are too few or too many values here."),
    (
        "CM210",
        _W,
        "misspelt key",
        "The clients ignore a key they do not know, in silence. This one looks like a known key.",
    ),
    (
        "CM211",
        _N,
        "unknown key",
        "The clients ignore a key they do not know. It is kept and shown; if it is your own, nothing needs to be done.",
    ),
    (
        "CM212",
        _N,
        "disabled key?",
        "A known key with a `1`, `_off` or `_disabled` behind it, or a `_` before it, is switched off on purpose or by mistake.",
    ),
    (
        "CM213",
        _W,
        "blank or repeated tag",
        "Tags are compared letter by letter; a blank tag matches nothing and a repeated one says nothing.",
    ),
    (
        "CM214",
        _W,
        "key not allowed",
        "The value has a fixed set of keys, and this is none of them, so nothing reads it.",
    ),
    ("CM301", _W, "dangling dependency", "No artifact has these tags, so the dependency fails when it runs."),
    (
        "CM302",
        _W,
        "unknown variation",
        "The artifact is there, but it has no such variation, so the dependency fails when it runs.",
    ),
    (
        "CM303",
        _N,
        "alternatives",
        "Several artifacts match. Often that is meant (`get,compiler`): the client asks or takes the first.",
    ),
    (
        "CM304",
        _N,
        "unresolved here",
        "Nothing matches here, but a repository this one builds on is not part of the registry. Name it under `requires:` or with --with.",
    ),
    ("CM305", _W, "unknown base", "`_base` names an artifact that is not there, so `cm` stops when it loads this one."),
    ("CM401", _E, "unreadable file", "The file cannot be read, so it can be neither checked nor published."),
    (
        "CM402",
        _W,
        "README is not UTF-8",
        "The README is shown as Latin-1, so single letters may be wrong. Save it as UTF-8.",
    ),
    (
        "CM403",
        _W,
        "link leads out",
        "A symbolic link that leads out of the repository, nowhere, or in a circle is left out of pages and archives.",
    ),
    (
        "CM404",
        _N,
        "not a file",
        "A device, pipe, socket or submodule holds no bytes of this repository and is left out.",
    ),
    (
        "CM405",
        _E,
        "unsafe name",
        "A name that cannot be written on every system, or that could leave its folder, is left out.",
    ),
    (
        "CM406",
        _W,
        "folder without meta",
        "A folder beside artifacts has no meta, so no client sees it. Add one or move the folder.",
    ),
    (
        "CM407",
        _N,
        "meta too deep",
        "The clients look exactly two levels below the prefix; a deeper meta is a template or is lost.",
    ),
    (
        "CM408",
        _E,
        "artifact too large",
        "The archive would be larger than `archives.max_bytes`. Publish it with `bytes: link`, or move large files out.",
    ),
    ("CM409", _E, "no artifacts", "The source holds nothing that a CM, CK or MLC client would take for an artifact."),
    (
        "CM410",
        _N,
        "misleading ending",
        "The archive is of another form than its name says. It was read by its content; programs that go by the name fail.",
    ),
)

CODES: dict[str, FindingCode] = {
    code: FindingCode(code=code, severity=severity, title=title, advice=advice)
    for code, severity, title, advice in _ROWS
}
