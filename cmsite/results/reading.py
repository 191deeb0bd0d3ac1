"""The blocks of a paper or reproduction → typed values and findings; never raises, whatever the meta holds.

What cannot be read is reported (CM501 wrong type, CM507 no meaning) and takes part in no verdict; unknown keys stay in
`Artifact.extra`. What only other artifacts can tell is checked by `references`, files by `evidence`.
Source: CONTRACT §9, facts/results.md §1; docs/papers.md has the format with an example.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from cmsite.diagnostics import Diagnostic
from cmsite.model.artifact import Artifact
from cmsite.model.names import is_uid, normal_uid, parse_pair
from cmsite.model.results import (
    Claim,
    Metric,
    NotAttempted,
    Paper,
    Person,
    Reproduction,
    ReproductionStatus,
    ReproductionType,
    Verdict,
)
from cmsite.results.attempts import read_evidence, read_run
from cmsite.results.badges import read_badges
from cmsite.results.claims import read_claim, read_metric
from cmsite.results.fields import Block, Report, scalar_text
from cmsite.results.literals import clean

_Read = TypeVar("_Read", Claim, Metric)
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[_Value]):
    """What came of one artifact: the value, and what could not be read of it."""

    value: _Value
    findings: tuple[Diagnostic, ...] = ()


def read_paper(artifact: Artifact) -> Reading[Paper]:
    """Read an artifact of the automation `paper`."""
    report = Report(artifact)
    meta = Block(artifact.extra, "", report)
    block = meta.block("paper")
    if not meta.has("paper"):
        report.add("CM501", "/paper", "paper is missing", "add the block `paper:` with title and reference")
    year = block.whole("year")
    paper = Paper(
        key=artifact.key,
        uid=artifact.uid,
        alias=artifact.display_name,
        title=block.text("title", required=block.is_mapping) or artifact.name or artifact.display_name,
        authors=_people(block, "authors"),
        reference=block.text("reference"),
        venue=block.text("venue"),
        year=year,
        note=block.text("note"),
        metrics=_unique({index: read_metric(item) for index, item in meta.blocks("metrics")}, "metrics", report),
        claims=_unique({index: read_claim(item, index) for index, item in meta.blocks("claims")}, "claims", report),
        badges=read_badges(meta),
        origins=(artifact.key,),
    )
    return Reading(value=paper, findings=report.findings)


def read_reproduction(artifact: Artifact) -> Reading[Reproduction]:
    """Read an artifact of the automation `reproduction`."""
    report = Report(artifact)
    meta = Block(artifact.extra, "", report)
    block = meta.block("reproduction")
    if not meta.has("reproduction"):
        report.add("CM501", "/reproduction", "reproduction is missing", "add the block `reproduction:`")
    name = parse_pair(block.text("paper", required=block.is_mapping))
    program, effort = block.block("artifact"), block.block("effort")
    reproduction = Reproduction(
        key=artifact.key,
        uid=artifact.uid,
        alias=artifact.display_name,
        paper_alias=name.alias,
        paper_uid=normal_uid(name.uid) if is_uid(name.uid) else "",
        claims=tuple(dict.fromkeys(block.texts("claims"))),
        type=block.choice("type", ReproductionType),
        agents=_agents(block),
        independent=block.flag("independent"),
        author_hardware=block.flag("author_hardware"),
        check_time=block.text("check_time"),
        artifact_reference=program.text("reference"),
        artifact_sha256=program.text("sha256").lower(),
        artifact_commit=program.text("commit"),
        report=block.text("report"),
        certificate=block.text("certificate"),
        environment=block.pairs("environment"),
        status=block.choice("status", ReproductionStatus) or ReproductionStatus.UNVERIFIED,
        human_minutes=effort.number("human_min"),
        compute_minutes=effort.number("compute_min"),
        runs=tuple(read_run(item, index) for index, item in block.blocks("runs")),
        stated=_stated(block.block("verdict_stated")),
        not_attempted=tuple(
            NotAttempted(claim=item.text("claim", required=True), reason=item.text("reason"))
            for _, item in block.blocks("not_attempted")
        ),
        evidence=tuple(read_evidence(item, index) for index, item in block.blocks("evidence")),
        badges=read_badges(meta),
        note=block.text("note"),
        origins=(artifact.key,),
    )
    return Reading(value=reproduction, findings=report.findings)


def _stated(block: Block) -> tuple[tuple[str, Verdict], ...]:
    found = []
    for key, value in block.data.items():
        verdict = next((item for item in Verdict if item.value == value), None)
        if verdict is None:
            block.malformed(key, "one of " + ", ".join(item.value for item in Verdict))
        else:
            found.append((clean(str(key)), verdict))
    return tuple(found)


def _agents(block: Block) -> tuple[Person, ...]:
    """Return the evaluators; the word `anonymous` alone stands for them where they may not be named."""
    return (Person(name="anonymous"),) if block.data.get("agent") == "anonymous" else _people(block, "agent")


def _people(block: Block, key: str) -> tuple[Person, ...]:
    """Return people from a list of names or of mappings with `name`."""
    value = block.data.get(key)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(Person(name=scalar_text(item) or "") for item in value)
    return tuple(
        Person(name=item.text("name", required=True), orcid=item.text("orcid"), role=item.text("role"))
        for _, item in block.blocks(key)
    )


def _unique(values: dict[int, _Read], key: str, report: Report) -> tuple[_Read, ...]:
    """Return the values whose id is there and not taken; the others are reported."""
    seen: dict[str, _Read] = {}
    for index, value in values.items():
        if not value.id:
            continue  # Reported as missing where the block was read.
        if value.id in seen:
            report.add(
                "CM507",
                f"/{key}/{index}/id",
                f"the id '{value.id}' stands twice; the first is used",
                "give each an id of its own",
            )
        seen.setdefault(value.id, value)
    return tuple(seen.values())
