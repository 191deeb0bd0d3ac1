"""What the client remembers of a registry, and what it therefore refuses: rollback, forks and impostors.

Per address it keeps registry_id, gen and the digest of root.json. Previews (gen 0) and registries in folders of this
machine leave nothing behind: their counting may restart. Source: facts/index.md §3 (no keys), §4 cases 66-71.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from cmsite.client.fetching import shown
from cmsite.client.locks import best_lock
from cmsite.client.state_files import replace_file
from cmsite.errors import IntegrityError, OutputError
from cmsite.index.root import Root
from cmsite.index.strict import Table, canonical, parse_json

SCHEMA = "cmsite-trust/1"

_CLOCK_TOLERANCE_S = 86_400


class Known(NamedTuple):
    """What was last accepted of a registry."""

    registry_id: str
    gen: int
    root_sha256: str


def judge(root: Root, known: Known | None, url: str) -> None:
    """Accept a root beside what is known.

    Raises `IntegrityError` for another registry_id, a lower gen, or another root of the same gen.
    """
    if known is None:
        return
    remedy = f"if its publisher confirms this, run `cmsite registry remove {shown(url)}` and use it again"
    if root.registry_id != known.registry_id:
        raise IntegrityError(
            f"{shown(url)}: the registry there is {root.registry_id}, expected {known.registry_id} as before; {remedy}"
        )
    if root.gen < known.gen:
        raise IntegrityError(
            f"{shown(url)}: generation {root.gen} was offered, generation {known.gen} was seen before; an old copy "
            f"or an attack; {remedy}"
        )
    if root.gen == known.gen and root.sha256 != known.root_sha256:
        raise IntegrityError(
            f"{shown(url)}: generation {root.gen} has the root {root.sha256}, before it had {known.root_sha256}; "
            f"two catalogues bear one number; {remedy}"
        )


def expiry_note(root: Root, now_s: float, label: str, *, strict: bool) -> str:
    """Return a sentence where a root has expired, or was made after the present by this machine's clock; else "".

    Raises `IntegrityError` for an expired root where `strict`: its publisher no longer stands for it (a freeze attack).
    """
    if root.expires_s is not None and now_s > root.expires_s:
        text = (
            f"{label}: generation {root.gen} expired on {_day(root.expires_s)} by this machine's clock "
            f"({_day(now_s)}); it may be kept back from you, or the publisher forgot it, or the clock is wrong"
        )
        if strict:
            raise IntegrityError(f"{text}; refused, as --strict says")
        return text
    if root.created_s > now_s + _CLOCK_TOLERANCE_S:
        return (
            f"{label}: generation {root.gen} was made on {_day(root.created_s)}, after this machine's clock "
            f"({_day(now_s)}); set the clock, or expiry cannot be judged"
        )
    return ""


def check_fingerprint(root: Root, fingerprint: str, url: str) -> None:
    """Compare the digest of root.json with what the publisher told; `fingerprint` is 64 digits after `sha256:`.

    Raises `IntegrityError` where they differ.
    """
    if root.sha256 != fingerprint:
        raise IntegrityError(
            f"{shown(url)}: the fingerprint of root.json is sha256:{root.sha256} (generation {root.gen}), expected "
            f"sha256:{fingerprint}; ask the publisher for the present one"
        )


class TrustStore:
    """One small file a registry, below the configuration folder, named by the digest of its address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "trust"

    def known(self, url: str) -> Known | None:
        """Return what is known of the registry at this address.

        Raises `OutputError` where the file is there but cannot be read: forgetting in silence would allow a rollback.
        """
        path = self._path(url)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OutputError(f"cannot read {path}: {error.strerror or error}; check its permissions") from error
        try:
            table = Table(parse_json(data, str(path)), where=str(path))
            return Known(
                registry_id=table.text("registry_id"), gen=table.integer("gen"), root_sha256=table.digest("root_sha256")
            )
        except IntegrityError as error:
            raise OutputError(f"{error}; delete this file to trust the registry anew") from error

    def accept(self, root: Root, url: str) -> None:
        """Judge a root against what is known, then remember it; see `judge`."""
        known = self.known(url)
        judge(root, known, url)
        if root.is_preview or (known is not None and known.gen == root.gen):
            return
        with best_lock(self._folder.with_suffix(".lock")):
            judge(root, self.known(url), url)  # Another process may have seen a later one meanwhile.
            self._remember(root, url)

    def _remember(self, root: Root, url: str) -> None:
        state = {
            "schema": SCHEMA,
            "url": shown(url),
            "registry_id": root.registry_id,
            "gen": root.gen,
            "root_sha256": root.sha256,
        }
        replace_file(self._path(url), canonical(state) + b"\n")

    def forget(self, url: str) -> bool:
        """Forget a registry; return whether anything was known."""
        try:
            self._path(url).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise OutputError(f"cannot delete {self._path(url)}: {error.strerror or error}") from error
        return True

    def _path(self, url: str) -> Path:
        # Credentials may change and must not be stored, not even as a digest.
        return self._folder / f"{hashlib.sha256(shown(url).encode('utf-8')).hexdigest()[:32]}.json"


def _day(seconds: float) -> str:
    """Return a day in UTC; a foreign number may lie beyond all calendars."""
    import datetime as dt

    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds:.0f}"
