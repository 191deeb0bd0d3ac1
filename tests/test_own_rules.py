"""`rules:` of registry.yml: files of the catalogue's own, what they add, replace and make known, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cmsite import settings
from cmsite.diagnostics import Diagnostic, Severity
from cmsite.errors import ConfigurationError
from cmsite.pipeline.validate import validate_settings
from tests.memory_tree import CMR, script

UID = "0123456789abcdef"
LICENSED = """\
x-cmsite: {applies: {automations: [script]}}
type: object
required: [license]
properties:
  license: {type: string}
  team: {type: string, enum: [red, blue], description: "the team that owns it"}
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Callable[..., list[Diagnostic]]:
    """Return what validates one script under `rules:` and rule files beside registry.yml."""

    def validate(rules: str, rest: str = "", **files: str) -> list[Diagnostic]:
        (tmp_path / "artifacts" / "script" / "a").mkdir(parents=True, exist_ok=True)
        (tmp_path / "artifacts" / "cmr.yaml").write_text(CMR)
        (tmp_path / "artifacts" / "script" / "a" / "_cm.yaml").write_text(script("a", UID, rest=rest))
        for name, text in files.items():
            path = tmp_path / "rules" / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        config = tmp_path / "registry.yml"
        config.write_text(f"title: T\nsources: [{{folder: artifacts}}]\nregistry_id: '{'0' * 32}'\nrules: {rules}\n")
        return list(validate_settings(settings.load(config), jobs=1).findings)

    return validate


def told(found: list[Diagnostic]) -> list[tuple[str, str]]:
    return [(item.code, item.message) for item in found]


def test_a_rule_of_the_catalogue_is_added_and_makes_keys_known(catalogue):
    assert told(catalogue("{extends: [cm]}", "team: red\n")) == [("CM211", "unknown key 'team': the clients ignore it")]
    found = catalogue("{extends: [cm, rules/ours.yaml]}", "team: green\n", ours=LICENSED)
    assert told(found) == [
        ("CM202", "the meta lacks the key `license`"),
        ("CM203", "`team` must be one of 'red', 'blue', got 'green'"),
    ]
    assert found[1].hint == "the team that owns it"
    assert found[1].severity is Severity.WARNING


def test_a_folder_names_all_its_rules_and_without_cm_they_are_the_only_ones(catalogue):
    found = catalogue("{extends: [rules]}", "team: 1\nnonsense: 1\n", ours=LICENSED)
    assert [code for code, _ in told(found)] == ["CM202", "CM201", "CM203"]


def test_a_schema_says_how_much_its_findings_matter(catalogue):
    noted = LICENSED.replace("type: object", "type: object\nx-severity: note").replace(
        "enum: [red", "x-severity: error, enum: [red"
    )
    found = catalogue("{extends: [cm, rules]}", "team: green\n", ours=noted)
    assert [(item.code, item.severity) for item in found] == [("CM202", Severity.NOTE), ("CM203", Severity.ERROR)]


def test_a_rule_takes_the_place_of_another(catalogue):
    own = "x-cmsite: {applies: {automations: [script]}, replaces: [script]}\ntype: object\n"
    assert told(catalogue("{extends: [cm]}", "cache: 7\n"))
    assert told(catalogue("{extends: [cm, rules]}", "cache: 7\nnonsense: 1\n", ours=own)) == []


@pytest.mark.parametrize(
    ("rules", "text", "message"),
    [
        ("{extends: [cm, rulez]}", "", "there is no such file or folder beside registry.yml"),
        ("{extends: [rules]}", "- a\n", "a rule file is a JSON Schema written as YAML"),
        ("{extends: [rules]}", "type: 7\nx-cmsite: {applies: {}}\n", "is no JSON Schema 2020-12"),
        ("{extends: [rules]}", "type: object\n", "to say which metas it checks"),
        ("{extends: [rules]}", "x-cmsite: {applies: {}, replaces: [script]}\n", "replaces 'script', which is none of"),
        ("{extends: [rules]}", "x-cmsite: {applies: {}}\n$ref: https://example.org/a.json\n", "rules are never fetched"),
        ("{extends: [rules]}", "x-cmsite: {applies: {}}\n$ref: file:///etc/passwd\n", "rules are never fetched"),
        ("{extends: [rules]}", "x-cmsite: {applies: {}}\nx-severity: bad\n", "`x-severity` must be error, warning or note"),
        ("{select: [CM3, nonsense]}", "", "must be the beginning of a code such as CM3, got 'nonsense'"),
        ("{extends: 7}", "", "`extends` must be a list of texts"),
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_by_name(catalogue, rules, text, message):
    with pytest.raises(ConfigurationError) as refused:
        catalogue(rules, ours=text)
    assert message in str(refused.value)


def test_only_what_is_selected_is_reported(catalogue):
    assert told(catalogue("{select: [CM3]}", "team: 1\n")) == []
    assert [code for code, _ in told(catalogue("{select: [CM3, CM211]}", "team: 1\n"))] == ["CM211"]


def test_an_ignore_that_is_over_or_hides_nothing_is_told_at_its_place(catalogue, tmp_path):
    rules = (
        "{ignore: [{code: CM211, reason: ours}, {code: CM103, paths: ['script/b*'], reason: old},"
        " {code: CM213, reason: soon, until: 2020-01-01}]}"
    )
    found = catalogue(rules, "team: 1\n")
    assert [(item.code, item.path, item.place.line, item.pointer) for item in found] == [
        ("CM115", str(tmp_path / "registry.yml"), 4, "/rules/ignore/1"),
        ("CM114", str(tmp_path / "registry.yml"), 4, "/rules/ignore/2"),
    ]
    assert "there is no CM103 below script/b*" in found[0].message
    assert "ended on 2020-01-01; its reason was: soon" in found[1].message
