r"""Patterns that choose files: the lines of `.cmignore`, and `include` and `exclude` of a source. Pure.

The notation is gitignore's, as far as people use it:

* blank lines and lines that begin with `#` say nothing; `\#` and `\!` begin a name with these signs;
* `*` and `?` match within one name, `[abc]` and `[!abc]` one character, `**` any number of folders;
* a pattern with a `/` at its beginning or within it starts at the folder it stands in, another matches at any depth;
* a `/` at the end matches folders only; a matched folder stands for all that is below it;
* `!` takes a match back; the last pattern that matches decides, but nothing comes back below a folder that is left out.
"""

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass

_Segment = re.Pattern[str] | None  # None is `**`, any number of folders.


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One pattern, compiled: a list of name patterns, `None` among them for any number of folders."""

    segments: tuple[_Segment, ...]
    negated: bool = False
    folders_only: bool = False

    def matches(self, path: str, *, is_folder: bool) -> bool:
        """Return whether the pattern names exactly this path (not one below it)."""
        return (is_folder or not self.folders_only) and _match(self.segments, path.split("/"))


def parse_pattern(line: str) -> Pattern | None:
    """Compile one line; return None for a comment or a blank line.

    >>> pattern = parse_pattern("build/")
    >>> pattern.matches("a/build", is_folder=True), pattern.matches("a/build", is_folder=False)
    (True, False)
    """
    text = line.rstrip("\r\n").rstrip()
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    text = text[1:] if negated else text
    text = text[1:] if text.startswith(("\\#", "\\!")) else text
    folders_only = text.endswith("/")
    text = text.rstrip("/")
    names = [name for name in text.split("/") if name not in {"", "."}]
    if not names:
        return None
    segments: list[_Segment] = [] if "/" in text else [None]
    segments += [None if name == "**" else _compile(name) for name in names]
    if names[-1] == "**":
        # `folder/**` is all below the folder, not the folder itself, so that `!folder/kept` can come back.
        segments.append(_compile("*"))
    return Pattern(segments=tuple(segments), negated=negated, folders_only=folders_only)


def parse_patterns(lines: Iterable[str]) -> tuple[Pattern, ...]:
    """Compile the lines that say something."""
    return tuple(pattern for line in lines if (pattern := parse_pattern(line)))


def last_verdict(patterns: Iterable[Pattern], path: str, *, is_folder: bool) -> bool | None:
    """Return whether the last matching pattern leaves the path out (True) or keeps it; None where none matches."""
    verdict = None
    for pattern in patterns:
        if pattern.matches(path, is_folder=is_folder):
            verdict = not pattern.negated
    return verdict


def names_path(patterns: Iterable[Pattern], path: str) -> bool:
    """Return whether a file, or a folder above it, is named by the patterns.

    >>> names_path(parse_patterns(["script/*"]), "script/detect-os/run.sh")
    True
    """
    chosen = tuple(patterns)
    end = path.find("/")
    while end >= 0:
        if last_verdict(chosen, path[:end], is_folder=True):
            return True
        end = path.find("/", end + 1)
    return bool(last_verdict(chosen, path, is_folder=False))


def _compile(name: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(name))


def _match(segments: tuple[_Segment, ...], names: list[str]) -> bool:
    """Match name by name; only the last `**` is ever widened, so the work is at most names × segments."""
    at_name = at_segment = 0
    wide = mark = -1
    while at_name < len(names):
        segment = segments[at_segment] if at_segment < len(segments) else None
        if at_segment < len(segments) and segment is None:
            wide, mark = at_segment, at_name
            at_segment += 1
        elif segment is not None and segment.match(names[at_name]):
            at_name += 1
            at_segment += 1
        elif wide >= 0:
            mark += 1
            at_name, at_segment = mark, wide + 1
        else:
            return False
    return all(segment is None for segment in segments[at_segment:])
