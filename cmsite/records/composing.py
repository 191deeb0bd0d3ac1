"""What is known → the files of a record: `_cm.yaml`, README.md and the logs; pure.

Source: CONTRACT §9; registry/rules/reproduction.yaml and registry/rules/experience.yaml.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cmsite.model.artifact import Artifact
from cmsite.model.names import AUTOMATION_UIDS, EXPERIENCE, REPRODUCTION
from cmsite.model.results import Paper
from cmsite.outputs import OutputFile
from cmsite.records.logs import Log
from cmsite.records.meta_text import emit
from cmsite.records.request import About, ExperienceRequest, ReproductionRequest

MAX_TAGS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record before it is written: its meta as data, the text of its README, its logs."""

    automation: str
    meta: dict[str, Any]
    readme: str
    logs: tuple[Log, ...]

    @property
    def block(self) -> dict[str, Any]:
        """Return the part of the meta that bears the automation's name."""
        found: dict[str, Any] = self.meta[self.automation]
        return found

    @property
    def folder(self) -> str:
        """Return where it lies below the repository."""
        return f"{self.automation}/{self.meta['alias']}"

    @property
    def files(self) -> tuple[OutputFile, ...]:
        """Return its files, relative to its folder."""
        return (
            *(OutputFile(path=log.path, content=log.content) for log in self.logs),
            OutputFile(path="README.md", content=self.readme.encode()),
            OutputFile(path="_cm.yaml", content=emit(self.meta).encode()),
        )


def reproduction_record(
    request: ReproductionRequest,
    paper: Paper,
    artifact: Artifact,
    runs: Sequence[dict[str, Any]],
    logs: Sequence[Log],
    *,
    environment: Mapping[str, Any],
    day: str,
    compute_min: float,
    draw_uid: Callable[[], str],
) -> Record:
    """Return the record of a reproduction."""
    about = request.about
    alias = about.alias or f"{paper.alias}-{day}"
    block: dict[str, Any] = {"paper": f"{paper.alias},{paper.uid}", "claims": list(request.claims)}
    block |= _said(type=about.type, agent=_agents(about), independent=about.independent)
    block |= _said(author_hardware=about.author_hardware, check_time=day)
    block |= {"artifact": {"reference": about.program}} if about.program else {}
    block |= {"report": "README.md", "environment": dict(environment), "status": "unverified"}
    block |= {"embargo": True} if about.is_embargoed else {}
    block |= {"effort": {"compute_min": compute_min}} if compute_min else {}
    block["runs"] = list(runs)
    block |= {"verdict_stated": dict(request.verdicts)} if request.verdicts else {}
    if request.not_attempted:
        block["not_attempted"] = [{"claim": name, "reason": why} for name, why in request.not_attempted.items()]
    block["evidence"] = [log.evidence for log in logs]
    block |= _said(note=about.note)
    tags = [tag for tag in artifact.tags if tag != "paper"]
    meta = _meta(REPRODUCTION, alias, draw_uid(), f"{paper.title} tried again on {day}", tags) | {REPRODUCTION: block}
    return Record(automation=REPRODUCTION, meta=meta, readme=_reproduction_readme(paper, block, day), logs=tuple(logs))


def experience_record(
    request: ExperienceRequest,
    artifact: Artifact,
    tar_sha256: str,
    runs: Sequence[dict[str, Any]],
    logs: Sequence[Log],
    *,
    status: str,
    environment: Mapping[str, Any],
    day: str,
    draw_uid: Callable[[], str],
) -> Record:
    """Return the record of an experience with an artifact."""
    about, name = request.about, artifact.display_name
    alias = about.alias or f"{artifact.key.automation}-{name}-{status}-{day}"
    automation = artifact.key.automation
    target: dict[str, Any] = {"reference": f"{automation}:{name}" + (f",{artifact.uid}" if artifact.uid else "")}
    target |= _said(version=artifact.version, sha256=tar_sha256)
    block: dict[str, Any] = {"artifact": target, "status": status, "check_time": day}
    block |= _said(agent=_agents(about))
    block["environment"] = dict(environment)
    block |= {"versions": dict(request.versions)} if request.versions else {}
    block |= {"embargo": True} if about.is_embargoed else {}
    block |= {"runs": list(runs)} if runs else {}
    block |= {"evidence": [log.evidence for log in logs]} if logs else {}
    block |= _said(note=about.note)
    title = f"{automation}:{name} {status} on {environment.get('operating_system') or 'a machine not described'}"
    meta = _meta(EXPERIENCE, alias, draw_uid(), title, [automation, status]) | {EXPERIENCE: block}
    return Record(automation=EXPERIENCE, meta=meta, readme=_experience_readme(title, block), logs=tuple(logs))


def _meta(automation: str, alias: str, uid: str, name: str, tags: Sequence[str]) -> dict[str, Any]:
    return {
        "alias": alias,
        "uid": uid,
        "automation_alias": automation,
        "automation_uid": AUTOMATION_UIDS[automation],
        "name": name,
        "tags": list(dict.fromkeys((automation, *tags)))[:MAX_TAGS],
    }


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def _agents(about: About) -> Any:
    return "anonymous" if about.is_anonymous else [{"name": name, "role": "evaluator"} for name in about.agents]


def _reproduction_readme(paper: Paper, block: Mapping[str, Any], day: str) -> str:
    rows = [
        f"| {', '.join(run['claims'])} | {_measured(run)} | {_ended(run)} |" for run in block["runs"]
    ]  # fmt: skip
    command = next((run["command"] for run in block["runs"] if "command" in run), "")
    parts = [
        f"# {_line(paper.title)}, tried again\n",
        f"An attempt of {day} to reproduce claims of the paper `{paper.alias}`. Every number stands in `_cm.yaml`.\n",
        "| claims | measured | how it ended |\n|---|---|---|\n" + "\n".join(rows) + "\n" if rows else "",
        f"## How to run it again\n\n```sh\n{_fenced(command)}\n```\n" if command else "",
        _log_list(block),
        "Nobody but the evaluators has checked this record yet.\n",
    ]
    return "\n".join(part for part in parts if part)


def _experience_readme(title: str, block: Mapping[str, Any]) -> str:
    command = next((run["command"] for run in block.get("runs", ()) if "command" in run), "")
    error = next((run["error"] for run in block.get("runs", ()) if "error" in run), "")
    parts = [
        f"# {_line(title)}\n",
        f"{_line(block['note'])}\n" if block.get("note") else "",
        f"It ended with: {_line(error)}\n" if error else "",
        f"## What was run\n\n```sh\n{_fenced(command)}\n```\n" if command else "",
        _log_list(block),
    ]
    return "\n".join(part for part in parts if part)


def _log_list(block: Mapping[str, Any]) -> str:
    paths = [entry["path"] for entry in block.get("evidence", ())]
    return "".join(f"* [{path}]({path})\n" for path in paths) if paths else ""


def _measured(run: Mapping[str, Any]) -> str:
    if "order" in run:
        return ", ".join(run["order"])
    samples = run.get("samples", ())
    shown = ", ".join(_line(str(value)) for value in samples[:5])
    more = f" and {len(samples) - 5} more" if len(samples) > 5 else ""  # noqa: PLR2004
    return f"{shown}{more} {_line(run.get('unit', ''))}".strip() if samples else ""


def _ended(run: Mapping[str, Any]) -> str:
    return f"failed: {_line(run['error'])[:200]}" if "error" in run else "completed"


def _line(text: str) -> str:
    """Return foreign text as plain words of Markdown: one line, nothing that marks up or links."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return "".join(f"\\{sign}" if sign in r"\`*_[]<>#|!&" else sign for sign in words)


def _fenced(text: str) -> str:
    return " ".join(text.split()).replace("```", "` ` `")
