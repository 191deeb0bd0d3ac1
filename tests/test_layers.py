"""The rules of the tree: direction of imports, docstrings, sizes of modules, and what no file may speak of.

Each import contract is broken on purpose in a copy of the tree, and the linter is seen to name that contract.
"""

import ast
import configparser
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.requirements import CHECKOUT, leave_out

PACKAGE = CHECKOUT / "cmsite"
MODULES = tuple(sorted(PACKAGE.rglob("*.py")))
LONGEST_MODULE_LINES = 400
LONGEST_FUNCTION_LINES = 60
# Packages that see no file: they get names and bytes as arguments.
PURE_PACKAGES = ("catalog", "formats", "index", "model", "results", "validation")
# Contract, the file that is made to break it, and the line that breaks it.
PLANTS = (
    ("layers", "model/names.py", "from cmsite.client import transport"),
    ("layers", "unplaced.py", '"""A module that has no layer."""'),
    ("light-client", "client/transport.py", "import yaml"),
    ("light-client", "index/records.py", "from cmsite import documents"),
    ("light-commands", "commands/search.py", "from cmsite import documents"),
    ("pure", "catalog/catalog.py", "import subprocess"),
    ("pure", "model/tree.py", "def now():\n    import time\n    return time.time()"),
    ("mkdocs", "site/__init__.py", "import mkdocs.config"),
    ("click", "catalog/catalog.py", "import click"),
    ("processes", "client/store.py", "import subprocess"),
    ("network", "sources/archive.py", "import urllib3"),
    ("yaml", "settings.py", "import yaml"),
    ("acyclic", "model/names.py", "def late():\n    from cmsite.model import artifact\n    return artifact"),
)


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def contracts() -> set[str]:
    """Return the identifiers of all contracts."""
    parser = configparser.ConfigParser()
    parser.read(CHECKOUT / ".importlinter", "utf-8")
    prefix = "importlinter:contract:"
    return {section.removeprefix(prefix) for section in parser.sections() if section.startswith(prefix)}


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "cmsite", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / ".importlinter", tmp_path)
    return tmp_path


def test_the_tree_keeps_every_contract():
    result = lint(CHECKOUT)
    assert result.returncode == 0, result.stdout
    assert f"Contracts: {len(contracts())} kept, 0 broken" in result.stdout


@pytest.mark.parametrize(("contract", "file", "line"), PLANTS)
def test_a_planted_violation_is_seen(copied_tree: Path, contract: str, file: str, line: str):
    planted = copied_tree / "cmsite" / file
    before = planted.read_text("utf-8") if planted.exists() else ""
    planted.write_text(f"{before}\n{line}\n", "utf-8")
    result = lint(copied_tree, "--contract", contract)
    assert result.returncode == 1, result.stdout
    assert "Contracts: 0 kept, 1 broken" in result.stdout


def test_every_contract_has_a_planted_violation():
    assert {contract for contract, _, _ in PLANTS} == contracts()


def test_pure_packages_open_no_file():
    readers = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "iterdir", "mkdir", "unlink"}
    found = [
        f"{module.relative_to(CHECKOUT)}:{node.lineno}: {ast.unparse(node.func)}"
        for package in PURE_PACKAGES
        for module in sorted((PACKAGE / package).rglob("*.py"))
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Call) and _touches_a_file(node, readers)
    ]
    assert found == []


def _touches_a_file(call: ast.Call, readers: set[str]) -> bool:
    """Return whether `call` is open() or a method of a `Path(...)` or `path` that reads or writes."""
    match call.func:
        case ast.Name(id="open"):
            return True
        case ast.Attribute(value=ast.Call(func=ast.Name(id="Path")), attr=attr):
            return attr in readers
        case ast.Attribute(value=ast.Name(id=name), attr=attr):
            return attr in readers and name.endswith("path")
    return False


def public_objects(module: Path) -> Iterator[tuple[int, str, str | None]]:
    """Yield line, name and docstring of a module and of its public classes, functions and methods."""
    tree = ast.parse(module.read_text("utf-8"))
    yield 1, "module", ast.get_docstring(tree)
    bodies: list[tuple[str, list[ast.stmt]]] = [("", tree.body)]
    for prefix, body in bodies:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(
                "_"
            ):
                yield node.lineno, prefix + node.name, ast.get_docstring(node)
                if isinstance(node, ast.ClassDef):
                    bodies.append((f"{node.name}.", node.body))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_public_object_has_a_docstring(module: Path):
    missing = [
        f"{module.relative_to(CHECKOUT)}:{line}: {name}" for line, name, text in public_objects(module) if not text
    ]
    assert missing == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_no_module_is_long(module: Path):
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST_MODULE_LINES


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the length of a function from `def` to its end; a command has one parameter for each of its options."""
    options = any("click" in ast.unparse(decorator) for decorator in function.decorator_list)
    first = function.body[0].lineno if options else function.lineno
    return (function.end_lineno or 0) - first + 1


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_no_function_is_long(module: Path):
    functions = [
        node
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [node.name for node in functions if lines_of(node) > LONGEST_FUNCTION_LINES] == []


def test_a_long_function_is_seen():
    body = "\n".join(f"    x = {number}" for number in range(LONGEST_FUNCTION_LINES))
    parameters = ",\n".join(f"    x{number}" for number in range(LONGEST_FUNCTION_LINES))
    lengths = [
        lines_of(node)
        for text in (
            f"def f():\n{body}",
            f"@click.command()\ndef f(\n{parameters}\n):\n    pass",
            f"def f(\n{parameters}\n):\n    pass",
        )
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    ]
    assert lengths == [LONGEST_FUNCTION_LINES + 1, 1, LONGEST_FUNCTION_LINES + 3]


def test_no_module_has_a_name_that_says_nothing():
    empty = {"utils", "helpers", "manager", "info", "process", "common", "misc"}
    assert [str(module) for module in MODULES if module.stem in empty] == []


def test_no_file_names_a_path_of_this_machine():
    found = [
        f"{file.relative_to(CHECKOUT)}:{number}: {line.strip()[:80]}"
        for file in tracked_files()
        for number, line in enumerate(_text(file).splitlines(), 1)
        if f"{CHECKOUT}/" in line
    ]
    assert found == []


def tracked_files() -> list[Path]:
    """Return the files that git tracks or would track, without those that a test may not read as text."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if listed.returncode:
        leave_out("this is no git checkout, so that its own files cannot be told from others; clone the repository")
    return [CHECKOUT / name for name in listed.stdout.split("\0") if name and (CHECKOUT / name).is_file()]


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        return ""
