"""The pages of the rules: complete, up to date, and at the address that reports link to."""

import tomllib

from cmsite.pipeline.codes import FAMILIES, all_codes, family_of
from cmsite.validation import rule_pages
from cmsite.validation.rule_pages import rule_page
from tests import rules_pages
from tests.requirements import CHECKOUT


def test_the_pages_of_the_rules_are_up_to_date():
    assert rules_pages.main(["--check"]) is None


def test_pages_that_are_out_of_date_are_named(tmp_path, monkeypatch):
    for name, text in rules_pages.pages().items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "CM104.md").write_text("old", "utf-8")
    (tmp_path / "CM999.md").write_text("of a rule that is gone", "utf-8")
    monkeypatch.setattr(rules_pages, "FOLDER", tmp_path)
    assert str(rules_pages.main(["--check"])).endswith("python -m tests.rules_pages (CM104.md, CM999.md)")
    assert rules_pages.main([]) is None
    assert rules_pages.main(["--check"]) is None


def test_every_rule_has_a_page_with_both_examples_and_its_place_in_the_index():
    pages = rules_pages.pages()
    for code, rule in all_codes().items():
        text = pages[f"{code}.md"]
        assert text.startswith(f"# {code} {rule.title}\n")
        assert rule.advice in text
        assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Bad", "## Good", "## Source"]
        assert f"| [{code}]({code}.md) | {rule.severity.word} |" in pages["index.md"]


def test_every_family_has_codes_and_every_code_a_family():
    assert {family_of(code) for code in all_codes()} == set(FAMILIES)


def test_pages_stand_where_the_project_publishes_its_documentation(monkeypatch):
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    urls = project.get("urls", {})
    assert urls.get("Documentation", urls.get("Homepage", "")) == rule_pages.DOCUMENTATION_URL
    if not rule_pages.DOCUMENTATION_URL:
        assert all((CHECKOUT / rule_page(code)).is_file() for code in all_codes())
    monkeypatch.setattr(rule_pages, "DOCUMENTATION_URL", "https://example.org/cmsite/")
    assert rule_page("CM104") == "https://example.org/cmsite/rules/CM104/"


def test_a_fence_is_longer_than_any_in_its_text():
    assert rules_pages._fenced(["````", "x"], "markdown") == ["`````markdown", "````", "x", "`````"]
