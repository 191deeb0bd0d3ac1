"""The rules that registry.yml chooses: those of cmsite, and files of the catalogue's own. Source: CONTRACT §5 (`extends`)."""

from collections.abc import Iterator
from pathlib import Path

from cmsite.declared import RulesSpec
from cmsite.errors import ConfigurationError
from cmsite.outputs import OutputFile
from cmsite.validation.rules import Rule, bundled_rules, combined_rules, parse_rule
from cmsite.validation.schemas import FOLDER, editor_catalog, editor_schemas

BUNDLED = "cm"
_MAX_BYTES = 4 * 1024 * 1024


def rules_of(spec: RulesSpec, base: Path) -> tuple[Rule, ...]:
    """Return the rules in the order of `extends`; files and folders are relative to `base`.

    Raises `ConfigurationError` for a name that is neither, and for a file that is no rule.
    """
    if spec.extends == (BUNDLED,):
        return bundled_rules()
    rules: list[Rule] = []
    for name in spec.extends:
        if name == BUNDLED:
            rules.extend(bundled_rules())
        else:
            rules.extend(parse_rule(str(path), _read(path)) for path in _files(base / name, name))
    return combined_rules(rules)


def schema_files(rules: tuple[Rule, ...], base_url: str) -> Iterator[OutputFile]:
    """Yield the schemas for editors, and the list of them where the site's address is known."""
    for schema in editor_schemas(rules, base_url):
        yield OutputFile(path=schema.path, content=schema.content)
    if base_url:
        yield OutputFile(path=f"{FOLDER}/catalog.json", content=editor_catalog(rules, base_url))


def rule_paths(spec: RulesSpec, base: Path) -> tuple[Path, ...]:
    """Return the files and folders of the catalogue's own rules, so that a change of one is noticed."""
    named = [(base / name, name) for name in spec.extends if name != BUNDLED]
    return tuple(path for place, name in named for path in (place, *_files(place, name)))


def _files(path: Path, name: str) -> tuple[Path, ...]:
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise ConfigurationError(
            f"`rules.extends` names {name!r}: there is no such file or folder beside registry.yml; "
            "write `cm` for the rules of cmsite, or the path of a rule file"
        )
    files = tuple(sorted(item for item in path.iterdir() if item.suffix in {".yaml", ".yml", ".json"}))
    if not files:
        raise ConfigurationError(f"`rules.extends` names {name!r}: the folder holds no rule file (*.yaml)")
    return files


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > _MAX_BYTES:
        raise ConfigurationError(f"{path}: is over {_MAX_BYTES:,} bytes; a rule file is a JSON Schema of a few pages")
    return content
