"""What the documentation says is true: generated pages are current, commands and files that it names exist."""

import re
from pathlib import Path

import pytest

from cmsite import errors
from tests import commands_page
from tests.requirements import CHECKOUT

README = (CHECKOUT / "README.md").read_text("utf-8")
PAGES = (CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted((CHECKOUT / "docs").rglob("*.md")))
LINK = re.compile(r"\]\((?!https?:|mailto:|#|cmsite:)([^)#\s]+)")
SHOWN = re.compile(r"^(`{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)  # Examples, whose links may be broken on purpose.
OF_THE_SITE = ("../paper/", "../results/")  # Pages of the example catalogue: test_valid_html checks links to them.


def test_the_page_of_commands_is_current():
    assert commands_page.main(["--check"]) is None


def test_a_stale_page_of_commands_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    stale = tmp_path / "commands.md"
    stale.write_text(commands_page.page() + "\n", "utf-8")
    monkeypatch.setattr(commands_page, "PAGE", stale)
    assert "python -m tests.commands_page" in str(commands_page.main(["--check"]))


def test_the_page_of_commands_names_every_command():
    from cmsite.cli import COMMANDS

    text = (CHECKOUT / "docs" / "commands.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"## cmsite {name}\n" not in text] == []


def test_the_readme_sets_up_with_exactly_two_commands():
    setup = README.split("## Set up")[1].split("## ")[0]
    (block,) = re.findall(r"```\n(.*?)```", setup, re.DOTALL)
    assert [line.split("#")[0].strip() for line in block.splitlines()] == ["make demo", "make test"]


def test_the_tour_uses_commands_that_exist():
    from cmsite.cli import COMMANDS

    used = re.findall(r"^cmsite (\w+)", README.split("## A tour")[1], re.MULTILINE)
    assert {"validate", "build", "search", "pull"} <= set(used) <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_links_between_files_lead_somewhere(page: Path):
    text = SHOWN.sub("", page.read_text("utf-8"))
    targets = [target for target in LINK.findall(text) if not target.startswith(OF_THE_SITE)]
    broken = [target for target in targets if not (page.parent / target).exists()]
    assert broken == []


def test_every_decision_has_a_number_a_status_and_its_sections():
    pages = sorted((CHECKOUT / "docs" / "adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name
        assert re.search(r"^Status: (accepted|superseded by \d{4}), \d{4}-\d\d-\d\d$", text, re.MULTILINE), page.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], page.name


def test_every_dependency_has_its_reason():
    import tomllib

    reasons = (CHECKOUT / "docs" / "adr" / "0002-dependencies.md").read_text("utf-8").lower()
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
    listed = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    listed += [package for extra in project["project"]["optional-dependencies"].values() for package in extra]
    names = {re.split(r"[\[<>=;~! ]", requirement)[0].lower() for requirement in listed} - {"cmsite"}
    # Stubs are named together, plugins by the program they belong to.
    missing = [
        name for name in sorted(names) if name.removeprefix("pytest-") not in reasons and not name.startswith("types-")
    ]
    assert missing == []


def test_every_exit_code_of_the_error_tree_is_documented():
    codes = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.CmsiteError)
    }
    text = (CHECKOUT / "docs" / "commands.md").read_text("utf-8")
    assert len(codes) > 1
    assert [code for code in codes if not re.search(rf"\b{code} \w", text)] == []
