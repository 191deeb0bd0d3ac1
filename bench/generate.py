"""Deterministic catalogues of N CM artifacts, and the same READMEs as the peers want them.

Equal N gives equal bytes. Every README is different, its code blocks too, so that no cache by content can help.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AUTOMATIONS = {
    "script": "5b4e0237da074764",
    "experiment": "a0a2d123ef064bcb",
    "data": "84d8ef6914bf4d78",
    "docs": "9558c9e6ca124065",
}
TOPICS = "detect get install run build train compile prepare benchmark convert process push download reproduce".split()  # noqa: SIM905 - reads better.
THINGS = "os cpu compiler dataset model kernel image library accelerator loadgen graph sensor corpus network".split()  # noqa: SIM905
WORDS = (  # noqa: SIM905
    "the a of in to this each every one artifact script model dataset result claim table page meta tag version archive digest "
    "repository automation variation compiler library kernel accuracy latency throughput sample seed platform memory bandwidth "
    "measures reads writes compares builds installs prepares detects reports checks keeps follows returns needs shows "
    "portable reproducible small large exact stable local remote parallel sorted verified cached pinned optional"
).split()
README_BYTES = (2_000, 4_000)
REGISTRY_ID = "bec4" * 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One generated artifact: `meta` is the text of its `_cm.yaml`, `readme` the text of its README.md."""

    automation: str
    alias: str
    title: str
    tags: tuple[str, ...]
    meta: str
    readme: str


def samples(count: int) -> Iterator[Sample]:
    """Yield `count` artifacts, each from a generator of its own number: the first ones do not depend on `count`."""
    names = list(AUTOMATIONS)
    for number in range(count):
        chance = random.Random(number)
        automation = names[number % 10 // 4 if number % 10 < 8 else 2 + number % 2]
        topic, thing = chance.choice(TOPICS), chance.choice(THINGS)
        alias = f"{topic}-{thing}-{number:06d}"
        tags = tuple(dict.fromkeys((topic, thing, chance.choice(THINGS), chance.choice(TOPICS), *_own_tags(number))))
        yield Sample(
            automation=automation,
            alias=alias,
            title=f"{topic.title()} {thing} {number}",
            tags=tags,
            meta=_meta(chance, automation, alias, number, tags),
            readme=_readme(chance, alias, topic, thing),
        )


def write_catalogue(folder: Path, count: int) -> None:
    """Write registry.yml and one CM repository below `folder`."""
    folder.mkdir(parents=True)
    registry = f"title: Bench of {count}\nregistry_id: {REGISTRY_ID}\nbase_url: https://example.org/bench/\nsources:\n  - folder: repository\n"
    (folder / "registry.yml").write_text(registry, "utf-8")
    repository = folder / "repository"
    repository.mkdir()
    (repository / "cmr.yaml").write_text('alias: bench\nuid: "00000000000000be"\n', "utf-8")
    (repository / "LICENSE").write_text("A licence of one line.\n", "utf-8")
    for automation, uid in AUTOMATIONS.items():
        described = repository / "automation" / automation
        described.mkdir(parents=True)
        meta = f"alias: {automation}\nuid: {uid}\nautomation_alias: automation\nautomation_uid: bbeb15d8f0a944a4\ntags: [automation]\n"
        (described / "_cm.yaml").write_text(meta, "utf-8")
    for sample in samples(count):
        target = repository / sample.automation / sample.alias
        target.mkdir(parents=True)
        (target / "_cm.yaml").write_text(sample.meta, "utf-8")
        (target / "README.md").write_text(sample.readme, "utf-8")


def write_hugo_content(folder: Path, count: int) -> None:
    """Write the READMEs as Hugo's content: one section an automation, title and tags as front matter."""
    for automation in AUTOMATIONS:
        (folder / automation).mkdir(parents=True)
    for sample in samples(count):
        front = f"---\ntitle: {sample.title}\ntags: [{', '.join(sample.tags)}]\n---\n"
        (folder / sample.automation / f"{sample.alias}.md").write_text(front + sample.readme, "utf-8")


def write_mkdocs_content(folder: Path, count: int) -> None:
    """Write the READMEs as documents of mkdocs, with a front page that alone stands in the navigation."""
    for automation in AUTOMATIONS:
        (folder / automation).mkdir(parents=True)
    (folder / "index.md").write_text("# Bench\n", "utf-8")
    for sample in samples(count):
        (folder / sample.automation / f"{sample.alias}.md").write_text(sample.readme, "utf-8")


def _own_tags(number: int) -> tuple[str, str]:
    """Return two tags that only this artifact has together, so that few tags name every artifact."""
    return f"set-{number // 20:04d}", f"item-{number % 20:02d}"


def _meta(chance: random.Random, automation: str, alias: str, number: int, tags: tuple[str, ...]) -> str:
    lines = [
        f"alias: {alias}",
        f'uid: "{number:016x}"',
        f"automation_alias: {automation}",
        f'automation_uid: "{AUTOMATIONS[automation]}"',
        f"name: {_sentence(chance, 5)[:-1]}",
        f"category: {chance.choice(TOPICS)} tools",
        "cache: true",
        f"tags: [{', '.join(tags)}]",
    ]
    if automation == "script" and number > 10:
        # The numbers of scripts end in 0 to 3; each dependency names one that came before.
        numbers = sorted({10 * chance.randrange(number // 10) + chance.randrange(4) for _ in range(3)})
        lines += ["deps:", *(f"  - tags: {','.join(_own_tags(other))}" for other in numbers)]
    lines += ["env:", *(f"  CM_{word.upper()}: '{chance.randrange(1000)}'" for word in chance.sample(THINGS, 3))]
    return "\n".join(lines) + "\n"


def _readme(chance: random.Random, alias: str, topic: str, thing: str) -> str:
    """Return between 2 and 4 KB of Markdown with headings, a list, a link, a table and two code blocks."""
    wanted = chance.randrange(README_BYTES[0] + 300, README_BYTES[1] - 500)
    shell = f"cm run script --tags={topic},{thing} --quiet\nexport CM_{thing.upper()}={chance.randrange(10**6)}\ncd {alias} && ls -l"
    code = (
        f"import json\n\n\ndef {topic}_{thing}_{chance.randrange(10**6)}(samples: list[float], limit: int = {chance.randrange(99)}) -> dict:\n"
        f'    """{_sentence(chance, 8)}"""\n    kept = [value * {chance.random():.4f} for value in samples if value > limit]\n'
        f"    return {{'{chance.choice(WORDS)}': len(kept), 'mean': sum(kept) / max(1, len(kept))}}"
    )
    parts = [
        f"# {topic.title()} {thing}",
        _paragraph(chance, 50),
        "## Usage",
        f"```bash\n{shell}\n```",
        "\n".join(f"* **{chance.choice(WORDS)}**: {_sentence(chance, 9)}" for _ in range(4)),
        "## In Python",
        f"```python\n{code}\n```",
        f"| name | value |\n|---|---|\n| {chance.choice(WORDS)} | {chance.randrange(999)} |\n| {chance.choice(WORDS)} | {chance.randrange(999)} |",
        f"See [the *{chance.choice(WORDS)}*](https://example.org/{alias}) and `{chance.choice(WORDS)}`.",
        "## Notes",
    ]
    size = sum(map(len, parts))
    while size < wanted:
        parts.append(_paragraph(chance, 45))
        size += len(parts[-1])
    return "\n\n".join(parts) + "\n"


def _paragraph(chance: random.Random, words: int) -> str:
    return " ".join(_sentence(chance, 12) for _ in range(words // 12))


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."


if __name__ == "__main__":
    write_catalogue(Path(sys.argv[1]), int(sys.argv[2]))
