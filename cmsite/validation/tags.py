"""Rules over the tags of one artifact, by which clients and dependencies find it.

Source: facts/formats.md §1 (tags are compared letter by letter, all must match) and §7.
"""

from collections.abc import Iterator
from typing import Any

from cmsite.documents import Document, Problem, join_pointer
from cmsite.validation.problems import problem

# Automations whose artifacts are found by their tags; others by alias (contributors) or by path (data).
FOUND_BY_TAGS = frozenset(
    {"script", "cfg", "experiment", "challenge", "report", "flex.task", "flex.model"}
) | frozenset({"flex.dataset", "flex.docker", "flex.compute", "flex.code", "flex.sys-tool"})


def check_tags(document: Document, tags: Any) -> Iterator[Problem]:
    """Yield what is wrong with single tags: blank, repeated, in capital letters."""
    if not isinstance(tags, list):
        return
    seen: set[str] = set()
    for number, tag in enumerate(tags):
        if not isinstance(tag, str):
            continue
        if not tag.strip():
            yield problem("CM213", "tag is blank", document, join_pointer("tags", number), "remove it")
        elif tag in seen:
            yield problem(
                "CM213",
                f"tag {tag!r} stands twice",
                document,
                join_pointer("tags", number),
                "remove one; the order of the others matters",
            )
        elif tag != tag.lower() and tag.lower() not in tags:
            yield problem(
                "CM208",
                f"tag {tag!r} has capital letters, so {tag.lower()!r} does not find it",
                document,
                join_pointer("tags", number),
                "add the tag in lower case, unless nobody would look for that",
            )
        seen.add(tag)


def check_any_tag(document: Document, automation: str) -> Iterator[Problem]:
    """Yield a note where an artifact without tags is one of those that are found by them."""
    if automation in FOUND_BY_TAGS:
        pointer = "/tags" if "tags" in document.data else ""
        hint = "add `tags:` with a few words"
        yield problem("CM209", f"the {automation} has no tags, by which it would be found", document, pointer, hint)
