"""What the pages of automations (CM) and modules (CK) show: their actions, and how many artifacts they have.

Actions of a CM automation are the public methods of the class in its module; they are found in the text, and nothing
is imported or run. Source: facts/formats.md §1 (an automation is itself an artifact with `module.py`), §2.
"""

import re
from collections.abc import Iterator

from cmsite.catalog.addresses import automation_address
from cmsite.errors import SourceError
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.site.cells import Cell, Table, cell, facts, mapping
from cmsite.site.context import SiteContext
from cmsite.site.details_view import details_sections
from cmsite.site.sheets import Sheet, section
from cmsite.site.text import counted, plain
from cmsite.site.view_rows import Link, TypeSection

MAX_ACTIONS = 100
MAX_MODULE_BYTES = 400_000  # The module of `script` has 230 kB; more is not searched.

_MODULES = ("module.py", "modulex.py")
# A method of CM takes the request and nothing else; the first line of its docstring says what it does.
_METHOD = re.compile(
    r"^    def ([a-z]\w{0,80})\(self, \w{1,40}[^)\n]{0,80}\):[^\n]{0,80}\n(?:[ \t]*\n){0,3}"
    r"(?:[ \t]{1,20}\"\"\"[ \t]*(?:\n[ \t]*)?([^\n\"]{1,200}))?",
    re.MULTILINE,
)


def automation_sections(context: SiteContext, key: ArtifactKey) -> tuple[TypeSection, ...]:
    """Return the actions of an automation, and the way to its artifacts."""
    artifact = context.catalog.artifacts[key]
    name = artifact.display_name
    count = context.relations.sizes.get(name, 0)
    rows: list[tuple[str, Cell]] = [
        (
            "Artifacts",
            (Link(text=counted(count, "artifact"), address=automation_address(name)),) if count else "none here",
        ),
        ("Uses", cell(context, key, list(mapping(artifact.extra.get("deps")).values()))),
        ("Needs CM", plain(artifact.extra.get("min_cm_version"))),
        ("Actions with help", cell(context, key, artifact.extra.get("actions_with_help"))),
    ]
    actions = list(_actions(context, artifact))
    table = Table(
        label="Actions",
        head=("Action", "What it does"),
        rows=tuple((action, text) for action, text in actions[:MAX_ACTIONS]),
        left_out=max(0, len(actions) - MAX_ACTIONS),
    )
    sheet = Sheet(facts=facts(rows), tables=(table,))
    return (*section("Automation", sheet), *details_sections(context, key, without=("actions", "deps")))


def _actions(context: SiteContext, artifact: Artifact) -> Iterator[tuple[str, str]]:
    """Yield each action with its description, "" where there is none."""
    for name, action in mapping(artifact.extra.get("actions")).items():
        yield plain(name), plain(mapping(action).get("desc"))
    for file in artifact.files:
        if file.path in _MODULES and file.size_bytes <= MAX_MODULE_BYTES:
            try:
                content = context.read(artifact, file.source)
            except SourceError:
                continue
            for found in _METHOD.finditer(content[:MAX_MODULE_BYTES].decode("utf-8", "replace")):
                yield found[1], (found[2] or "").strip()
