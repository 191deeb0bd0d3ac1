"""The process that matches a pattern: reads its task on standard input, prints one JSON document, and may be killed.

A pattern may take time exponential in the length of a line; only a process of its own can be stopped then.
"""

import json
import re
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

MAX_LINE_BYTES = 1_000_000
MAX_VALUES = 100_000
_HEAD_BYTES = 8192  # In which a binary file shows itself.


def values_in(path: Path, pattern: str) -> dict[str, Any]:
    """Return `values`, what the pattern found line by line, or `error`, a sentence.

    The group called `value` is taken, else the first group, else all that matched. A group `claim` names the claim.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return {"error": f"it is no regular expression: {error}"}
    except RecursionError:
        return {"error": "it is nested too deeply"}
    if compiled.groups > 1 and "value" not in compiled.groupindex:
        return {"error": "it has several groups and none is called value: write (?P<value>…) around the number"}
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        if b"\0" in head:
            return {"error": f"{path.name} is a binary file; give a log of text, or the numbers with --value"}
        stream.seek(0)
        lines = (
            line.decode("utf-8", "replace").rstrip("\r\n")
            for line in iter(lambda: stream.readline(MAX_LINE_BYTES), b"")
        )
        found = list(_limited(chain.from_iterable(compiled.finditer(line) for line in lines)))
    if len(found) > MAX_VALUES:
        return {"error": f"it matches more than {MAX_VALUES:,} times; make it say more of the line"}
    return {"values": [_value(match) for match in found]}


def _limited(matches: Iterator[re.Match[str]]) -> Iterator[re.Match[str]]:
    for number, match in enumerate(matches):
        yield match
        if number >= MAX_VALUES:
            return


def _value(match: re.Match[str]) -> tuple[str, str]:
    groups = match.groupdict()
    value = groups["value"] if "value" in groups else match[1] if match.re.groups else match[0]
    return groups.get("claim") or "", value or ""


def main() -> None:
    """Do the task of standard input: {"path", "pattern"}."""
    task = json.load(sys.stdin)
    json.dump(values_in(Path(task["path"]), task["pattern"]), sys.stdout)


if __name__ == "__main__":
    main()
