"""Which repositories the installed `cm` and `mlc` have registered, and which copy of an artifact each would run.

Read from the clients' own files, and nothing is changed or started. Where one uid lies in several repositories, `cm`
runs the first and `mlc` the last, both without a word. Source: facts/formats.md §1, §3, §5, seen with cmind 4.2.0 and
mlcflow 1.3.8.
"""

import enum
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cmsite.client.lock import LockedArtifact

_MAX_FILE_BYTES = 100_000_000  # An index of 50,000 artifacts.
_UID_TOKEN = re.compile(rb"[.a-fA-F0-9]{16}")
_PREFIX = re.compile(r"^[\"']?prefix[\"']?\s*:\s*[\"']?([^\"'\s,#]+)", re.MULTILINE)
_MLC_TARGETS = ("script", "cache", "experiment")

# (name of a meta, its bytes) → (uid, automation uid, automation alias), "" where it says none. Injected: it needs YAML.
MetaNames = Callable[[str, bytes], tuple[str, str, str]]


class Client(enum.Enum):
    """A real client; the value is its command."""

    CM = "cm"
    MLC = "mlc"

    @property
    def state_folder(self) -> Path:
        """Return the folder with repos.json and the index: CM_REPOS and MLC_REPOS mean just that."""
        variable, default = ("CM_REPOS", "CM") if self is Client.CM else ("MLC_REPOS", "MLC/repos")
        named = os.environ.get(variable, "").strip()
        return Path(named) if named else Path.home() / default

    @property
    def repositories_file(self) -> Path:
        """Return the client's list of repositories."""
        return self.state_folder / "repos.json"

    @property
    def local_repository(self) -> Path:
        """Return the client's own repository, which it always has."""
        return self.state_folder / ("repos/local" if self is Client.CM else "local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a client tells an artifact by; `path` is its folder below the workspace."""

    path: str
    uid: str
    automation: str
    automation_uid: str

    @classmethod
    def of(cls, artifact: LockedArtifact) -> "Identity":
        """Return the identity of a locked artifact."""
        return cls(
            path=artifact.path,
            uid=artifact.uid,
            automation=artifact.automation,
            automation_uid=artifact.automation_uid,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """An artifact of the workspace whose uid lies in another registered repository, too.

    `other` is the folder there, `runs` the one that the client runs.
    """

    client: Client
    path: str
    uid: str
    other: Path
    runs: Path

    @property
    def is_shadowed(self) -> bool:
        """Return whether the client runs the other copy, and not that of the workspace."""
        return self.runs == self.other


def repositories(client: Client) -> tuple[Path, ...]:
    """Return the registered repositories in the client's order, its own among them; none where it was never used."""
    try:
        listed = json.loads(client.repositories_file.read_bytes())
    except (OSError, ValueError, RecursionError):
        listed = []
    named = [Path(text) for text in listed if isinstance(text, str)] if isinstance(listed, list) else []
    # CM takes a path below its folder of repositories, too.
    found = [below if (below := client.state_folder / "repos" / path).is_dir() else path for path in named]
    local = client.local_repository
    return tuple(found) if local in found else (local, *found)


def is_registered(client: Client, root: Path) -> bool:
    """Return whether the client has the folder among its repositories."""
    return any(_same(path, root) for path in repositories(client))


def clashes(client: Client, root: Path, artifacts: Sequence[Identity], names: MetaNames) -> tuple[Clash, ...]:
    """Return the artifacts that another registered repository has as well, by uid and automation.

    A workspace that is not registered yet counts as the last one, where registering puts it.
    """
    known = [path for path in repositories(client) if path.is_dir()]
    position = next((number for number, path in enumerate(known) if _same(path, root)), len(known))
    wanted: dict[str, list[Identity]] = {}
    for artifact in artifacts:
        if artifact.uid:
            wanted.setdefault(artifact.uid, []).append(artifact)
    found, index = [], _Index(client)
    for number, repository in enumerate(known):
        if number == position:
            continue
        for folder, uid, automation_uid, automation in _identities(client, repository, wanted, names):
            for artifact in wanted[uid]:
                if _same_automation(artifact, automation_uid, automation):
                    # The first of a uid wins for cm, the last for mlc.
                    others = number < position if client is Client.CM else number > position
                    predicted = folder if others else root / artifact.path
                    both = (folder, root / artifact.path)
                    # Before it is registered, the index can know the other copy only.
                    runs = (index.one_of(artifact, both) if position < len(known) else None) or predicted
                    found.append(Clash(client=client, path=artifact.path, uid=uid, other=folder, runs=runs))
    if position < len(known):
        seen = {clash.path for clash in found}
        found += _unlisted(client, root, [artifact for artifact in artifacts if artifact.path not in seen], index)
    return tuple(sorted(found, key=lambda clash: (clash.path, str(clash.other))))


def _unlisted(client: Client, root: Path, artifacts: Sequence[Identity], index: "_Index") -> list[Clash]:
    """Return clashes with what stands in no list: a client's own repository, Python packages, copies in the workspace."""
    found = []
    for artifact in artifacts:
        other = index.path_of(artifact)
        if other is not None and not _same(other, root / artifact.path):
            found.append(Clash(client=client, path=artifact.path, uid=artifact.uid, other=other, runs=other))
    return found


def _identities(
    client: Client, repository: Path, wanted: Mapping[str, object], names: MetaNames
) -> Iterator[tuple[Path, str, str, str]]:
    """Yield (folder, uid, automation uid, automation) of the artifacts there whose uid is wanted."""
    for folder in _artifact_folders(client, repository):
        for name in ("_cm.yaml", "_cm.json") if client is Client.CM else ("meta.yaml", "meta.json"):
            content = _content(folder / name)
            # Most metas name none of the uids, and reading YAML takes a thousand times as long as looking for them.
            if not any(token.decode("ascii").lower() in wanted for token in _UID_TOKEN.findall(content)):
                continue
            uid, automation_uid, automation = names(name, content)
            if uid.lower() in wanted:
                yield folder, uid.lower(), automation_uid.lower(), automation
                break


def _artifact_folders(client: Client, repository: Path) -> Iterator[Path]:
    if client is Client.MLC:
        parents: Iterable[Path] = (repository / target for target in _MLC_TARGETS)
    else:
        base = repository / _prefix(repository)
        parents = sorted(base.iterdir()) if base.is_dir() else ()
    for parent in parents:
        if parent.is_dir():
            yield from (folder for folder in sorted(parent.iterdir()) if folder.is_dir())


def _prefix(repository: Path) -> str:
    """Return the folder below which a repository keeps its artifacts, "" for the repository itself."""
    for name in ("cmr.yaml", "cmr.json"):
        found = _PREFIX.search(_content(repository / name).decode("utf-8", "replace"))
        if found:
            return found[1]
    return ""


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_MAX_FILE_BYTES)
    except OSError:
        return b""


def _same_automation(artifact: Identity, automation_uid: str, automation: str) -> bool:
    if artifact.automation_uid and automation_uid:
        return artifact.automation_uid == automation_uid
    return artifact.automation == automation


class _Index:
    """A client's index: where it names a folder for a uid, that is what the client runs."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._paths: dict[str, dict[str, str]] = {}

    def one_of(self, artifact: Identity, folders: tuple[Path, Path]) -> Path | None:
        """Return the folder that the index names where it is one of `folders`, None where it says nothing of both."""
        found = self.path_of(artifact)
        return next((folder for folder in folders if found is not None and _same(found, folder)), None)

    def path_of(self, artifact: Identity) -> Path | None:
        """Return the folder that the index names for a uid, None where it has none or one that is gone."""
        found = self._of(artifact.automation_uid).get(artifact.uid) or self._of(artifact.automation).get(artifact.uid)
        return Path(found) if found and Path(found).is_dir() else None

    def _of(self, automation: str) -> dict[str, str]:
        if automation not in self._paths:
            try:
                self._paths[automation] = dict(self._read(automation))
            except (OSError, ValueError, RecursionError, AttributeError, TypeError, KeyError):
                self._paths[automation] = {}  # No index yet, or of another release: the order of repositories decides.
        return self._paths[automation]

    def _read(self, automation: str) -> list[tuple[str, str]]:
        if self._client is Client.CM:
            entries: Any = json.loads(_content(self._client.state_folder / "index.json")).get(automation, {})
            return [(uid, entry["path"]) for uid, entry in entries.items() if isinstance(entry["path"], str)]
        if automation not in _MLC_TARGETS:
            return []
        items = json.loads(_content(self._client.state_folder / f"index_{automation}.json"))
        return [(item["uid"], item["path"]) for item in items if isinstance(item["path"], str)]


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
