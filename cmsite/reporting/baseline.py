"""A baseline: the findings a repository had when it switched validation on, so that only new ones count. Pure.

One JSON document, `cmsite-baseline/1`, one line an entry in a fixed order, so that diffs are small. An entry says code,
repository, path, pointer and message without what shifts with lines (`fingerprints`), and how many findings share that.
Messages may be worded otherwise in another version of cmsite, so an entry that another version wrote is also met by a
finding that differs in its message alone.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cmsite.diagnostics import Diagnostic
from cmsite.errors import ConfigurationError
from cmsite.reporting.fingerprints import Trait, trait

SCHEMA = "cmsite-baseline/1"
MAX_BASELINE_BYTES = 64 * 2**20  # A million findings have about 300 bytes each; no repository comes near.

_TEXTS = ("repository", "path", "code", "pointer", "message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The entries of a baseline with their counts, and the version of cmsite that wrote it."""

    version: str
    counts: Counter[Trait]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Findings against a baseline: the `new` ones in their order, how many it `known`, and entries that occur no more."""

    new: tuple[Diagnostic, ...]
    known: int
    stale: tuple[Trait, ...]


def baseline_of(findings: Iterable[Diagnostic], version: str) -> Baseline:
    """Return the baseline that holds exactly these findings."""
    return Baseline(version=version, counts=Counter(trait(finding) for finding in findings))


def emit_baseline(baseline: Baseline) -> bytes:
    """Return the file."""
    lines = [
        json.dumps({**item._asdict(), "count": count}, ensure_ascii=False)
        for item, count in sorted(baseline.counts.items())
    ]
    listed = "[\n  " + ",\n  ".join(lines) + "\n ]" if lines else "[]"
    text = f'{{\n "schema": "{SCHEMA}",\n "cmsite": {json.dumps(baseline.version)},\n "findings": {listed}\n}}\n'
    return text.encode("utf-8", "replace")


def parse_baseline(content: bytes, name: str) -> Baseline:
    """Read a baseline; raises `ConfigurationError` that says where it is damaged and what to do."""
    if len(content) > MAX_BASELINE_BYTES:
        raise _damaged(name, f"it has {len(content):,} bytes, more than {MAX_BASELINE_BYTES:,}")
    try:
        data = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else error
        raise _damaged(name, f"it is not JSON ({why})") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        got = data.get("schema") if isinstance(data, dict) else type(data).__name__
        raise _damaged(name, f"`schema` must be {SCHEMA!r}, got {str(got)[:60]!r}")
    entries = data.get("findings")
    if not isinstance(entries, list):
        raise _damaged(name, "`findings` must be a list")
    counts: Counter[Trait] = Counter()
    for number, entry in enumerate(entries, 1):
        counts[_entry(entry, number, name)] += entry["count"]
    return Baseline(version=str(data.get("cmsite", "")), counts=counts)


def compare(
    findings: Iterable[Diagnostic], baseline: Baseline, version: str, judged: Callable[[Trait], bool]
) -> Compared:
    """Return what is new against a baseline.

    `version` is this cmsite's; `judged` says of an entry whether this run could have found it: what was not looked at
    is not stale.
    """
    listed = tuple(findings)
    left = Counter(baseline.counts)
    met = [_take(left, trait(finding)) for finding in listed]
    if baseline.version != version:
        wordings: dict[Trait, list[Trait]] = {}
        for item in sorted(+left):
            wordings.setdefault(item._replace(message=""), []).append(item)
        for number, finding in enumerate(listed):
            others = () if met[number] else wordings.get(trait(finding)._replace(message=""), ())
            met[number] = met[number] or any(_take(left, item) for item in others)
    return Compared(
        new=tuple(finding for finding, is_known in zip(listed, met, strict=True) if not is_known),
        known=sum(met),
        stale=tuple(item for item in sorted(+left) if judged(item)),
    )


def _take(left: Counter[Trait], item: Trait) -> bool:
    if left[item] <= 0:
        return False
    left[item] -= 1
    return True


def _entry(entry: object, number: int, name: str) -> Trait:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in _TEXTS):
        raise _damaged(name, f"entry {number} of `findings` needs the texts {', '.join(_TEXTS)}")
    count = entry.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise _damaged(
            name, f"`count` of entry {number} of `findings` must be a whole number from 1, got {str(count)[:60]!r}"
        )
    return Trait(**{key: entry[key] for key in _TEXTS})


def _damaged(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name}: no baseline can be read here: {why}; take it from version control again, or write it anew with --write-baseline"
    )
