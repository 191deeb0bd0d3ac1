"""Where the rules, templates and first files of a catalogue that belong to cmsite lie: in the installed package, else in the checkout.

Source: CONTRACT §12 (hatchling's force-include is shadowed in editable installs).
"""

from functools import cache
from pathlib import Path

from cmsite.errors import ConfigurationError


def rule_files() -> tuple[tuple[str, bytes], ...]:
    """Return (file name, bytes) of every rule file of cmsite, sorted by name."""
    folder = root() / "registry" / "rules"
    return tuple((path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml")))


def example_files() -> tuple[tuple[str, bytes], ...]:
    """Return (file name, bytes) of the example of every rule, sorted by name; the names are codes and `.yaml`."""
    folder = root() / "registry" / "rules" / "examples"
    return tuple((path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml")))


def example_file(code: str) -> bytes | None:
    """Return the bytes of the example of one rule, or None where it has none."""
    path = root() / "registry" / "rules" / "examples" / f"{code}.yaml"
    return path.read_bytes() if path.is_file() else None


def starter_files() -> tuple[tuple[str, bytes], ...]:
    """Return (POSIX path, bytes) of every file that a new catalogue is made of, sorted by path."""
    folder = root() / "starter"
    paths = ((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*.in"))
    return tuple((name, path.read_bytes()) for name, path in sorted(paths))


@cache
def root() -> Path:
    """Return the folder that holds `registry/rules`, `site_templates` and `starter`.

    Raises `ConfigurationError` where neither the package data nor a checkout is there.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "data", package.parent):
        if (candidate / "registry" / "rules").is_dir() and (candidate / "site_templates").is_dir():
            return candidate
    raise ConfigurationError(
        f"the rules and templates of cmsite are missing beside {package}; reinstall the package: pip install --force-reinstall cmsite"
    )
