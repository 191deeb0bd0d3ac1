"""The block of an experience → a typed value and findings; never raises, whatever the meta holds.

Source: docs/adr/0013; registry/rules/experience.yaml.
"""

from cmsite.model.artifact import Artifact
from cmsite.model.experience import Experience, ExperienceStatus
from cmsite.model.names import EXPERIENCE
from cmsite.model.results import Person
from cmsite.results.attempts import read_evidence, read_run
from cmsite.results.fields import Block, Report
from cmsite.results.reading import Reading


def read_experience(artifact: Artifact) -> Reading[Experience]:
    """Read an artifact of the automation `experience`."""
    report = Report(artifact)
    meta = Block(artifact.extra, "", report)
    block = meta.block(EXPERIENCE)
    if not meta.has(EXPERIENCE):
        report.add("CM501", f"/{EXPERIENCE}", "experience is missing", "add the block `experience:`")
    target = block.block("artifact")
    experience = Experience(
        key=artifact.key,
        reference=target.text("reference", required=block.is_mapping),
        version=target.text("version"),
        sha256=target.text("sha256").lower(),
        status=block.choice("status", ExperienceStatus),
        check_time=block.text("check_time"),
        agents=_agents(block),
        environment=block.pairs("environment"),
        versions=block.pairs("versions"),
        runs=tuple(read_run(item, index) for index, item in block.blocks("runs")),
        evidence=tuple(read_evidence(item, index) for index, item in block.blocks("evidence")),
        note=block.text("note"),
    )
    return Reading(value=experience, findings=report.findings)


def _agents(block: Block) -> tuple[Person, ...]:
    if block.data.get("agent") == "anonymous":
        return (Person(name="anonymous"),)
    return tuple(
        Person(name=item.text("name", required=True), orcid=item.text("orcid"), role=item.text("role"))
        for _, item in block.blocks("agent")
    )
