"""Findings about identity: uids, aliases, automations, repositories and decisions about them."""

from cmsite.diagnostics import FindingCode, Fix, Severity
from cmsite.validation.codes.sources import YAML, both, cm, mlc

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

CODES = (
    FindingCode(
        code="CM101",
        severity=_E,
        title="missing uid",
        advice="Without a uid an artifact cannot be named for ever. A script without one stops `mlc` for every repository, any other artifact is left out. Draw one: 16 hexadecimal digits.",
        source=both(
            mlc("index.py", "_index_single_repo, _process_config_file"),
            mlc("meta_schema.py", "REQUIRED_KEYS"),
            cm("index.py", "add"),
        ),
        fix=Fix.SAFE,
    ),
    FindingCode(
        code="CM102",
        severity=_E,
        title="invalid uid",
        advice="A uid has 16 hexadecimal digits. Anything else is taken for an alias.",
        source=cm("utils.py", "is_cm_uid"),
    ),
    FindingCode(
        code="CM103",
        severity=_W,
        title="alias differs from folder",
        advice="The clients find an artifact by its alias, people by its folder. Make them equal, or leave the alias empty in a folder named by the uid.",
        source=both(
            cm("automation.py", "search: alias and uid of the meta are compared, never the folder"),
            mlc("action.py", "search"),
        ),
    ),
    FindingCode(
        code="CM104",
        severity=_E,
        title="duplicate uid",
        advice="Two artifacts of one automation share a uid: `mlc` finds one of them only, `cm` drops one from its lists. Draw a new uid for the copy.",
        source=both(
            mlc("index.py", "_process_config_file: a second entry of a uid takes the place of the first"),
            cm("index.py", "add, find"),
        ),
    ),
    FindingCode(
        code="CM105",
        severity=_E,
        title="duplicate alias",
        advice="Two artifacts of one automation share an alias: which one a client runs is chance. Rename one.",
        source=both(cm("automation.py", "search"), mlc("action.py", "search")),
    ),
    FindingCode(
        code="CM106",
        severity=_E,
        title="uid is a number",
        advice="An unquoted uid of digits only is a number in YAML, at which the clients crash. Put it in quotes.",
        source=both(
            cm("utils.py", "match_objects: uid.lower()"),
            mlc("meta_schema.py", "TOP_LEVEL_SCHEMA: uid"),
            f"{YAML}#1032-tag-resolution",
        ),
        fix=Fix.SAFE,
    ),
    FindingCode(
        code="CM107",
        severity=_W,
        title="unknown automation",
        advice="The automation's alias and uid are no known pair. Clients find artifacts by the uid, so a wrong one hides the artifact.",
        source=cm("utils.py", "match_objects: where both have a uid, only uids are compared"),
        fix=Fix.ASKED,
    ),
    FindingCode(
        code="CM108",
        severity=_W,
        title="repository key taken",
        advice="Two repositories of the registry have one alias; the later one gets a number in its addresses. Give it a `name:` in registry.yml.",
        source="docs/publishing.md",
    ),
    FindingCode(
        code="CM109",
        severity=_E,
        title="descriptor without alias or uid",
        advice="Without both, every `cm` command stops with a KeyError once the repository is registered.",
        source=cm("repos.py", "load: repo.meta['uid'], repo.meta['alias']"),
    ),
    FindingCode(
        code="CM110",
        severity=_W,
        title="repository without descriptor",
        advice="There are artifacts but no cmr.yaml, .ckr.json or meta.yaml, so no client can register the folder. Write one with alias and uid.",
        source=both(cm("repo.py", "load"), mlc("action.py", "load_repos_and_meta")),
    ),
    FindingCode(
        code="CM111",
        severity=_N,
        title="copies differ",
        advice="Several repositories of the registry hold this uid with different bytes. Search shows the first in the order of registry.yml.",
        source="docs/publishing.md",
    ),
    FindingCode(
        code="CM112",
        severity=_W,
        title="decision without effect",
        advice="An entry of decisions.yml names nothing that is published, or what it asks for cannot be done. Correct or remove it.",
        source="docs/lifecycle.md",
    ),
    FindingCode(
        code="CM113",
        severity=_E,
        title="purged content in the source",
        advice="The content was purged from what is published, so it is left out; the source still holds it. Remove it there, its history too.",
        source="docs/lifecycle.md",
    ),
    FindingCode(
        code="CM114",
        severity=_W,
        title="ignore is over",
        advice="An entry of `rules.ignore` in registry.yml had a last day, which has passed: what it hid is reported again. Mend that and remove the entry, or set a later day.",
        source="docs/validation.md",
    ),
    FindingCode(
        code="CM115",
        severity=_N,
        title="ignore without effect",
        advice="An entry of `rules.ignore` in registry.yml hides nothing: the defect is mended, or the code or a path is misspelt. Remove or correct it, so that it cannot hide a new defect.",
        source="docs/validation.md",
    ),
)
