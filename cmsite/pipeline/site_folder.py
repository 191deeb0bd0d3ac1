"""Which folder a build may write into: never one whose files it would take for its own and remove."""

import re
from dataclasses import replace
from pathlib import Path

from cmsite.errors import ConfigurationError, OutputError
from cmsite.index.layout import ROOT_PATH
from cmsite.outputs import OutputFile, OutputFolder
from cmsite.settings import Settings

# Folders of the site that a build owns whole: what it did not write there is gone from the catalogue.
OWNED_FOLDERS = (
    "a", "author", "automation", "category", "find", "license", "paper", "repository", "results", "schema", "tag",
    "uid",
)  # fmt: skip
# Files beside them that a build may have no more: without base_url, without times, with fewer pages.
_OWNED_FILE = re.compile(r"(?:sitemap(?:-[0-9]+)?|feed)\.xml\Z")
# Written before anything else, so that the folder of a killed build is known again.
MARK = OutputFile(
    path=".cmsite-site", content=b"This folder is written by cmsite build, which removes what it did not write.\n"
)


def refuse_foreign_folder(site_dir: Path) -> None:
    """Raise `OutputError` where the folder holds something under our names that no build of ours wrote."""
    if site_dir.exists() and not site_dir.is_dir():
        raise OutputError(f"{site_dir} is a file; name a folder with --site-dir")
    links = [name for name in (*OWNED_FOLDERS, "artifacts", "cm-index", "assets") if (site_dir / name).is_symlink()]
    if links:
        raise OutputError(f"{site_dir / links[0]} is a link, and a build does not write through links; remove it")
    if (site_dir / MARK.path).is_file() or (site_dir / ROOT_PATH).is_file():
        return
    foreign = [name for name in (*OWNED_FOLDERS, "artifacts", "cm-index") if (site_dir / name).exists()]
    if foreign:
        raise OutputError(
            f"{site_dir} is no site that cmsite built, but holds {', '.join(f'{name}/' for name in foreign)}, "
            "which a build would take for its own and clear; name an empty folder with --site-dir"
        )


def refuse_folder_in_source(settings: Settings, site_dir: Path) -> None:
    """Raise `ConfigurationError` where the site would lie in a source, and so be read by the next build."""
    for spec in settings.sources:
        if spec.kind != "folder":
            continue
        source = (settings.base / spec.location / spec.subfolder).resolve()
        if site_dir.resolve().is_relative_to(source):
            raise ConfigurationError(
                f"--site-dir {site_dir} lies in the source {spec.location!r}, and the next build would read it as one; "
                "name a folder beside the source"
            )


def is_owned(path: str) -> bool:
    """Return whether a file that an earlier build wrote may be removed.

    >>> is_owned("a/team/script/x/index.html"), is_owned("sitemap-2.xml"), is_owned("a/../b"), is_owned("robots.txt")
    (True, True, False, False)
    """
    parts = path.split("/")
    return _OWNED_FILE.match(path) is not None or (parts[0] in OWNED_FOLDERS and ".." not in parts)


def remove_gone(output: OutputFolder, written: set[str]) -> None:
    """Remove pages that an earlier build wrote and this one did not, and folders left empty; remember this one's."""
    site_dir, mark = output.root, output.root / MARK.path
    earlier = set(mark.read_text("utf-8", "replace").splitlines()) if mark.is_file() else set()
    for path in sorted(earlier - written):
        if is_owned(path):
            (site_dir / path).unlink(missing_ok=True)
            _remove_empty((site_dir / path).parent, site_dir)
    ours = sorted(path for path in written if is_owned(path))
    output.write(replace(MARK, content="".join(f"{path}\n" for path in ours).encode()))


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
