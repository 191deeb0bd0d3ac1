"""A log → the file that is kept and its evidence: whole up to a limit, else beginning and end with the whole's digest.

Names go out before anything is hashed: a digest of the original would confirm a guess. Source: facts/results.md §1.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cmsite.errors import SourceError, UsageError
from cmsite.records.anonymity import Anonymizer

MAX_LOG_BYTES = 5_000_000  # A longer log is kept in part.
KEPT_BYTES = 500_000  # Of its beginning, and of its end.
MAX_CLEANED_BYTES = 100_000_000  # An anonymous log is read whole, as a name may stand anywhere.
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A file of a record below `logs/`; `whole_*` describe a longer log of which `content` is a part."""

    path: str
    content: bytes
    whole_sha256: str = ""
    whole_bytes: int = 0
    replaced: Counter[str] = field(default_factory=Counter)

    @property
    def evidence(self) -> dict[str, Any]:
        """Return the entry of `evidence`."""
        entry: dict[str, Any] = {
            "path": self.path,
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "bytes": len(self.content),
        }
        if self.whole_sha256:
            entry["whole"] = {"sha256": self.whole_sha256, "bytes": self.whole_bytes}
            entry["note"] = "beginning and end of a longer log"
        return entry


def log_of(path: Path, name: str, anonymizer: Anonymizer | None) -> Log:
    """Return the log as it is to be kept.

    Raises `SourceError` where it cannot be read, `UsageError` where it cannot be kept or made anonymous.
    """
    try:
        size = path.stat().st_size
        if anonymizer is not None:
            return _cleaned(path, name, size, anonymizer)
        if size <= MAX_LOG_BYTES:
            return Log(path=f"logs/{name}", content=path.read_bytes())
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
            stream.seek(0)
            head = stream.read(KEPT_BYTES)
            stream.seek(size - KEPT_BYTES)
            tail = stream.read(KEPT_BYTES)
    except OSError as error:
        raise SourceError(f"{path}: the log cannot be read: {error.strerror}; give a file that can be") from error
    if b"\0" in head or b"\0" in tail:
        raise UsageError(
            f"{path} is a binary file of {size:,} bytes; over {MAX_LOG_BYTES:,} only logs of text are kept: publish it "
            "elsewhere and add its address to `evidence` as `url:` with sha256 and bytes"
        )
    return _part(name, head, tail, size, digest.hexdigest())


def _cleaned(path: Path, name: str, size: int, anonymizer: Anonymizer) -> Log:
    if size > MAX_CLEANED_BYTES:
        raise UsageError(f"{path} has {size:,} bytes; over {MAX_CLEANED_BYTES:,} no log can be made anonymous; cut it")
    raw = path.read_bytes()
    if b"\0" in raw:
        raise UsageError(
            f"{path} is a binary file: names in it cannot be found, so it cannot be made anonymous; leave it out"
        )
    cleaned = anonymizer.clean(raw.decode("utf-8", "replace"))
    refuse_leaks(cleaned.text, str(path), anonymizer)
    content = cleaned.text.encode("utf-8")
    log = Log(path=f"logs/{name}", content=content, replaced=cleaned.counts)
    if len(content) <= MAX_LOG_BYTES:
        return log
    whole = hashlib.sha256(content).hexdigest()
    part = _part(name, content[:KEPT_BYTES], content[-KEPT_BYTES:], len(content), whole)
    return Log(
        path=part.path, content=part.content, whole_sha256=whole, whole_bytes=len(content), replaced=cleaned.counts
    )


def refuse_leaks(text: str, where: str, anonymizer: Anonymizer) -> None:
    """Raise `UsageError` where a text still shows a name after the replacement."""
    if lines := anonymizer.leaks_of(text):
        listed = ", ".join(map(str, lines[:5]))
        raise UsageError(
            f"{where}: {len(lines)} lines still show a name of a person, host or folder in a spelling that could not be "
            f"replaced (line {listed}); nothing was written; take them out by hand and give the file with --from-log"
        )


def _part(name: str, head: bytes, tail: bytes, size: int, digest: str) -> Log:
    """Return beginning and end, cut at ends of lines where there are any."""
    head = head[: head.rfind(b"\n") + 1] or head
    tail = tail[tail.find(b"\n") + 1 :] or tail
    gap = f"\n[{size - len(head) - len(tail):,} bytes left out; the whole log has {size:,} bytes, sha256 {digest}]\n"
    return Log(path=f"logs/{name}", content=head + gap.encode() + tail, whole_sha256=digest, whole_bytes=size)


def printed_log(stdout: Path, stderr: Path, target: Path) -> Path:
    """Write what a command printed into one file: standard output, then standard error under a line of its own."""
    with target.open("wb") as out:
        for path in (stdout, stderr):
            if path is stderr and path.stat().st_size:
                out.write(b"[standard error]\n")
            with path.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    out.write(chunk)
    return target
