"""Where the page of a rule is found: the address that reports link to. `python -m tests.rules_pages` writes the pages."""

DOCUMENTATION_URL = ""
"""The address of the published documentation, as pyproject.toml states it under `Documentation`; "" while it states none."""


def rule_page(code: str) -> str:
    """Return the address of the page of a rule, or, while no documentation is published, its path in the project.

    >>> rule_page("CM104")
    'docs/rules/CM104.md'
    """
    return f"{DOCUMENTATION_URL.rstrip('/')}/rules/{code}/" if DOCUMENTATION_URL else f"docs/rules/{code}.md"
