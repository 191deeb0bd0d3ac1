"""Write docs/rules/ from the rules and their examples; `--check` only says whether it is up to date.

Run it as

    python -m tests.rules_pages [--check]
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from cmsite import resources
from cmsite.diagnostics import FindingCode, Fix
from cmsite.pipeline.codes import FAMILIES, all_codes, family_of
from cmsite.reporting.explanation import command_of, fix_words, shown_lines, sources_of
from cmsite.validation.examples import Example, ExampleFile, FileKind, parse_examples
from tests.requirements import CHECKOUT

FOLDER = CHECKOUT / "docs" / "rules"
WRITTEN_BY = "This page is written by `python -m tests.rules_pages`."
HEAD = """# Rules

Every kind of finding that `cmsite validate` reports, family by family; each has a page that says why it matters, what
to do, and shows a bad and a good example. `cmsite explain CM104` tells the same on a terminal. A code never changes its
meaning. Beside a finding stands the option that mends it, where there is one.
"""
_LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".md": "markdown", ".sh": "sh", ".c": "c", ".h": "c"}
_FIXES = {Fix.NONE: "", Fix.SAFE: " (`--fix`)"}


def pages() -> dict[str, str]:
    """Return file name → text of all pages."""
    examples = parse_examples(resources.example_files())
    rules = all_codes()
    return {"index.md": _index(rules.values())} | {
        f"{code}.md": _page(rule, examples.get(code)) for code, rule in rules.items()
    }


def _index(rules: Iterable[FindingCode]) -> str:
    lines = [HEAD]
    family = ""
    for rule in rules:
        if family_of(rule.code) != family:
            family = family_of(rule.code)
            lines += [*([""] if lines[-1].startswith("|") else []), f"## {family}: {FAMILIES[family]}", ""]
            lines += ["| code | severity | finding |", "|---|---|---|"]
        fix = _FIXES.get(rule.fix, f" (`--fix {rule.code}`)")
        lines.append(f"| [{rule.code}]({rule.code}.md) | {rule.severity.word} | {_cell(rule.title)}{fix} |")
    return "\n".join([*lines, "", WRITTEN_BY]) + "\n"


def _page(rule: FindingCode, example: Example | None) -> str:
    family = family_of(rule.code)
    words = fix_words(rule)
    lines = [
        f"# {rule.code} {rule.title}",
        "",
        f"**{rule.severity.word.capitalize()}** · {family}: {FAMILIES[family]} · {words}",
        "",
        rule.advice,
        "",
    ]
    if example is not None:
        says = "says on its pages" if example.command == "build" else "says"
        lines += ["## Bad", "", *_files(example.bad), f"`{command_of(example)}` {says}:", ""]
        lines += [*_fenced(example.expected.splitlines(), "text"), "", "## Good", "", *_files(example.good)]
    lines += ["## Source", "", *(f"- {_linked(part)}" for part in sources_of(rule)), ""]
    lines += [f"[All rules](index.md). {WRITTEN_BY}"]
    return "\n".join(lines) + "\n"


def _files(files: Iterable[ExampleFile]) -> Iterator[str]:
    for file in files:
        remark = f" ({file.remark})" if file.remark else ""
        shown = shown_lines(file)
        yield f"`{file.path}`{remark}{':' if shown else ''}"
        yield ""
        if shown:
            is_text = file.kind in (FileKind.FILE, FileKind.UNREADABLE) and file.remark != "bytes"
            yield from _fenced(shown, _LANGUAGES.get(PurePosixPath(file.path).suffix, "text") if is_text else "text")
            yield ""


def _fenced(lines: Iterable[str], language: str) -> list[str]:
    found = list(lines)
    longest = max((len(run) for line in found for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *found, fence]


def _linked(source: str) -> str:
    """Return a source as Markdown: addresses and pages of the documentation become links."""
    if source.startswith("docs/"):
        page, _, rest = source.removeprefix("docs/").partition(" ")
        return f"[{page}](../{page}){f' {rest}' if rest else ''}"
    address, _, rest = source.partition(" ")
    return f"<{address}>{f' {rest}' if rest else ''}" if address.startswith("https://") else source


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def outdated() -> list[str]:
    """Return the names of pages that are missing, different, or no longer made."""
    made = pages()
    there = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def main(arguments: list[str]) -> str | None:
    """Write the pages, or with `--check` return what is wrong with them; None is fine."""
    if "--check" in arguments:
        wrong = ", ".join(outdated())
        return f"docs/rules is out of date: python -m tests.rules_pages ({wrong})" if wrong else None
    made = pages()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, "utf-8")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
