"""Where the rules and templates that belong to cmsite lie: in the installed package, else in the checkout.

Source: CONTRACT §12 (hatchling's force-include is shadowed in editable installs).
"""

from functools import cache
from pathlib import Path

from cmsite.errors import ConfigurationError


def rule_files() -> tuple[tuple[str, bytes], ...]:
    """Return (file name, bytes) of every rule file of cmsite, sorted by name."""
    folder = root() / "registry" / "rules"
    return tuple((path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml")))


@cache
def root() -> Path:
    """Return the folder that holds `registry/rules` and `site_templates`.

    Raises `ConfigurationError` where neither the package data nor a checkout is there.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "data", package.parent):
        if (candidate / "registry" / "rules").is_dir() and (candidate / "site_templates").is_dir():
            return candidate
    raise ConfigurationError(
        f"the rules and templates of cmsite are missing beside {package}; reinstall the package: pip install --force-reinstall cmsite"
    )
