"""What a catalogue is made of on this machine, and who tells of its changes.

Reading a file is no change: the system is told to leave it out, else a build of 10,000 artifacts would be told of each
file it opens.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from watchdog import events
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from cmsite import resources
from cmsite.errors import CmsiteError
from cmsite.pipeline.decisions import decisions_path
from cmsite.settings import Settings, SourceSpec
from cmsite.site.material import read_mkdocs_yml
from cmsite.site.mkdocs_yml import files_named, find_mkdocs_yml

_POLL_S = 1.0  # Seconds between two looks where the system cannot tell of changes.
_CHANGES: tuple[type[events.FileSystemEvent], ...] = (
    events.FileCreatedEvent,
    events.FileDeletedEvent,
    events.FileModifiedEvent,
    events.FileMovedEvent,
    events.DirCreatedEvent,
    events.DirDeletedEvent,
    events.DirMovedEvent,
)
_NOISE_FOLDERS = frozenset({".git", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
_NOISE_ENDINGS = ("~", ".swp", ".swo", ".swx", ".tmp", ".pyc", "___jb_tmp___", "___jb_old___")
_NOISE_BEGINNINGS = (".#", "#", ".goutputstream-", ".cmsite-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Absolute paths without links: `folders` with everything below, and single `files`, which need not exist."""

    folders: frozenset[Path]
    files: frozenset[Path]

    def concerns(self, path: Path) -> bool:
        """Return whether a change at a path may change the site."""
        if path in self.files:
            return True
        folder = next((folder for folder in self.folders if path.is_relative_to(folder)), None)
        return folder is not None and not _is_noise(path.relative_to(folder))


class Watcher:
    """Calls `on_change` with each changed path; `follow` may be called again with other paths.

    `note` is told where the system cannot tell of changes and files are looked at once a second instead.
    """

    def __init__(self, on_change: Callable[[Path], None], note: Callable[[str], None]) -> None:
        self._on_change, self._note = on_change, note
        self._observer: BaseObserver | None = None
        self._watched = Watched(folders=frozenset(), files=frozenset())
        self._polls = False

    def follow(self, watched: Watched) -> None:
        """Watch these paths and no others."""
        if watched == self._watched and self._observer is not None:
            return
        self.close()
        self._watched = watched
        try:
            self._observer = self._started()
        except OSError:  # Linux says ENOSPC or EMFILE, others something else.
            self._polls = True
            self._note(
                "this system watches too few folders for this catalogue (on Linux: raise fs.inotify.max_user_watches); "
                f"files are looked at every {_POLL_S:g} s instead"
            )
            self._observer = self._started()

    def close(self) -> None:
        """Watch nothing any more."""
        if self._observer is not None:
            self._observer.stop()
            self._observer = None

    def _started(self) -> BaseObserver:
        observer = PollingObserver(timeout=_POLL_S) if self._polls else Observer()
        handler = _Handler(self._watched, self._on_change)
        for folder in _outermost(self._watched.folders):
            observer.schedule(handler, str(folder), recursive=True, event_filter=list(_CHANGES))
        for folder in {_existing(path.parent) for path in self._watched.files}:
            if not any(folder.is_relative_to(outer) for outer in self._watched.folders):
                observer.schedule(handler, str(folder), recursive=False, event_filter=list(_CHANGES))
        try:
            observer.start()
        except OSError:
            observer.stop()
            raise
        return observer


class _Handler(events.FileSystemEventHandler):
    def __init__(self, watched: Watched, on_change: Callable[[Path], None]) -> None:
        self._watched, self._on_change = watched, on_change

    def on_any_event(self, event: events.FileSystemEvent) -> None:
        """Pass on what concerns the site; an editor may write beside a file and move it into place."""
        for name in (event.src_path, event.dest_path):
            path = Path(name.decode() if isinstance(name, bytes) else str(name))
            if name and self._watched.concerns(path):
                self._on_change(path)
                return


def watched_paths(settings: Settings) -> Watched:
    """Return everything on this machine that a catalogue is made of.

    Folders that are not there yet stand among the files, so that their making is seen.
    """
    folders = {settings.base / settings.custom_dir} if settings.custom_dir else set()
    files = {settings.path, decisions_path(settings.path)}
    for spec in (*settings.sources, *settings.requires):
        more_folders, more_files = _of_source(spec, settings.base)
        folders |= more_folders
        files |= more_files
    mkdocs_yml = find_mkdocs_yml(settings)
    files.add(settings.base / "mkdocs.yml")
    if mkdocs_yml is not None:
        files.add(mkdocs_yml)
        try:
            found = files_named(mkdocs_yml, read_mkdocs_yml(mkdocs_yml))
        except CmsiteError:  # The build says what is wrong with it.
            found = ()
        folders |= {path for path in found if not path.is_file()}
        files |= {path for path in found if path.is_file()}
    folders |= _own_folders()
    known = {path.resolve() for path in folders}
    return Watched(
        folders=frozenset(path for path in known if path.is_dir()),
        files=frozenset({path.resolve() for path in files} | {path for path in known if not path.is_dir()}),
    )


def _of_source(spec: SourceSpec, base: Path) -> tuple[set[Path], set[Path]]:
    """Return the folders and files whose changes change a source; none for one that lies elsewhere."""
    path = base / spec.location
    if spec.kind == "folder":
        return {path / spec.subfolder}, set()
    if spec.kind == "git" and path.is_dir():
        git = path / ".git" if (path / ".git").is_dir() else path
        return {git / "refs"}, {git / "HEAD", git / "packed-refs"}
    return set(), {path} if path.is_file() else set()


def _own_folders() -> set[Path]:
    """Return the templates and rules of cmsite itself where it runs from a checkout, for who works on them."""
    root = resources.root()
    return {root / "site_templates", root / "registry" / "rules"} if (root / "pyproject.toml").is_file() else set()


def _outermost(folders: Iterable[Path]) -> list[Path]:
    """Return the folders that lie in no other of them: each one watched costs the system an instance."""
    found: list[Path] = []
    for folder in sorted(folders):
        if not found or not folder.is_relative_to(found[-1]):
            found.append(folder)
    return found


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def _is_noise(path: Path) -> bool:
    """Return whether a path is a temporary file of an editor, or a folder that no site is made of."""
    name = path.name
    return (
        not _NOISE_FOLDERS.isdisjoint(path.parts)
        or name.endswith(_NOISE_ENDINGS)
        or name.startswith(_NOISE_BEGINNINGS)
        or name == "4913"  # vim tries with it whether it may write.
    )
