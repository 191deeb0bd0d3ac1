"""Repositories of as many metas as asked for, imitated from the scripts of the corpora: equal counts give equal bytes.

The metas of 1 to 3 kB are taken round after round, line by line as they are written. Each imitation has a uid and an
alias of its own; in all rounds but the first its tags carry the number of the round, where it has them and where it asks
for them, so that dependencies find as many artifacts as in reality. What asks for a script that is not among them asks
for an earlier one.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import yaml

SIZES = (1_000, 3_000)
_HEAD = "alias: imitated-scripts\nuid: 1234567890abcdef\ngit: true\n"
_DEPENDENCY = re.compile(r"^(\s*(?:- )?tags: )(['\"]?)([^'\"#]+?)(['\"]?)$")
_TAG = re.compile(r"^(\s*- )(['\"]?)([^'\"#]+?)(['\"]?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class RealMeta:
    """The meta of one real script."""

    alias: str
    text: str
    tags: tuple[str, ...]


def real_metas(corpora: Path) -> list[RealMeta]:
    """Return the metas of all scripts below `corpora` that are neither small nor large and written in block style."""
    found: dict[str, RealMeta] = {}
    for name in ("_cm.yaml", "meta.yaml"):
        for path in sorted(corpora.glob(f"**/script/*/{name}")):
            text = path.read_text("utf-8")
            if not SIZES[0] <= path.stat().st_size <= SIZES[1] - 200 or "\t" in text:
                continue
            data: Any = yaml.safe_load(text)
            tags = data.get("tags") if isinstance(data, dict) else None
            if isinstance(tags, list) and {"alias", "uid"} <= data.keys() and "\ntags:\n" in f"\n{text}":
                found.setdefault(path.parent.name, RealMeta(alias=path.parent.name, text=text, tags=tuple(tags)))
    if not found:
        raise SystemExit(f"bench: no scripts below {corpora}; set CMSITE_CORPUS")
    return list(found.values())


def write_metas(folder: Path, real: list[RealMeta], number: int) -> list[Path]:
    """Write a repository of `number` scripts, and return their metas."""
    folder.mkdir(parents=True)
    (folder / "cmr.yaml").write_text(_HEAD, "utf-8")
    paths = []
    for alias, text in islice(_imitations(real), number):
        place = folder / "script" / alias
        place.mkdir(parents=True)
        (place / "_cm.yaml").write_text(text, "utf-8")
        paths.append(place / "_cm.yaml")
    return paths


def _imitations(real: list[RealMeta]) -> Iterator[tuple[str, str]]:
    for round_ in count():
        for place, meta in enumerate(real):
            alias = f"{meta.alias}-{round_}"
            yield alias, _imitated(meta, real[:place], alias, f"-{round_}" if round_ else "")


def _imitated(meta: RealMeta, earlier: list[RealMeta], alias: str, suffix: str) -> str:
    lines = []
    is_in_tags = False
    for line in meta.text.splitlines():
        if not line.startswith((" ", "-", "#")):
            is_in_tags = line.startswith("tags:")
        if line.startswith("alias:"):
            lines.append(f"alias: {alias}")
        elif line.startswith("uid:"):
            lines.append(f'uid: "{hashlib.sha256(alias.encode()).hexdigest()[:16]}"')
        elif is_in_tags and (tag := _TAG.match(line)):
            lines.append(f"{tag[1]}{tag[2]}{tag[3]}{suffix}{tag[4]}")
        elif not is_in_tags and (asked := _DEPENDENCY.match(line)) and "," in asked[3]:
            lines.append(f"{asked[1]}{asked[2]}{_asked(asked[3], meta, earlier, suffix)}{asked[4]}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _asked(tags: str, meta: RealMeta, earlier: list[RealMeta], suffix: str) -> str:
    """Return what to ask for instead of some tags: the same of this round, or those of an earlier script."""
    words = [word.strip() for word in tags.split(",")]
    if not any(words):
        return tags
    plain = {word for word in words if not word.startswith(("_", "-"))}
    if not any(plain <= set(other.tags) for other in (*earlier, meta)) and earlier:
        digest = hashlib.sha256(tags.encode()).digest()
        words = list(earlier[int.from_bytes(digest[:4]) % len(earlier)].tags)
    return ",".join(word if word.startswith(("_", "-")) else f"{word}{suffix}" for word in words)
