"""The record of one paper as an RO-Crate: its exports as files, every run as an action of a Process Run Crate.

The crate is the folder of the paper's page: whoever copies the folder has the crate. Logs stay where they are published
and are data entities only where their address is known. Pure; no time but those of the records.
Source: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1), Process Run Crate 0.5 (https://w3id.org/ro/wfrun/process/0.5).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cmsite.catalog.addresses import artifact_address
from cmsite.model.results import Person, Reproduction, Run, RunStatus
from cmsite.outputs import OutputFile
from cmsite.results.table import plain
from cmsite.results.wording import summary_text
from cmsite.site.context import SiteContext
from cmsite.site.paper_data import orcid
from cmsite.site.paper_rows import PaperRows
from cmsite.site.programs import program_key
from cmsite.site.result_rows import log_view, paper_line, web_address
from cmsite.site.site_data import complete_address
from cmsite.site.text import counted, date, shortened

CRATE_NAME = "ro-crate-metadata.json"
MAX_ACTIONS = 2000  # All runs stand in runs.csv.
MAX_SAMPLES = 1000  # Of one run.
MAX_PROPERTIES = 60  # Of one environment.
MAX_TEXT = 500

_CRATE = "https://w3id.org/ro/crate/1.1"
_PROCESS = "https://w3id.org/ro/wfrun/process/0.5"
_CONTEXT = [f"{_CRATE}/context", "https://w3id.org/ro/terms/workflow-run/context"]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?\Z")
# The two that a Process Run Crate has words for.
_ENDED = (RunStatus.COMPLETED, RunStatus.FAILED)
_ENCODINGS = {"json": "application/json", "csv": "text/csv", "svg": "image/svg+xml", "html": "text/html"}

Entity = dict[str, Any]


def crate_date(context: SiteContext, group: PaperRows) -> str:
    """Return the day of the crate: of the newest reproduction, else of the paper's record, else its year, else ""."""
    days = [attempt.check_time[:10] for attempt in group.attempts if _DAY.match(attempt.check_time)]
    recorded = date(context.catalog.artifacts[group.paper.key].time_s)
    year = group.paper.year
    return max(days, default="") or recorded or (f"{year:04}" if year and year < 10_000 else "")  # noqa: PLR2004 - four digits.


def emit_crate(context: SiteContext, group: PaperRows, files: Sequence[OutputFile]) -> OutputFile | None:
    """Return the crate's metadata over the files beside the page; None where no date is known, which a crate must have."""
    published = crate_date(context, group)
    if not published:
        return None
    crate = _Crate(context, group)
    graph = [*crate.heads(published, files), *crate.entities.values()]
    text = json.dumps({"@context": _CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1, allow_nan=False)
    return OutputFile(path=f"{group.address}{CRATE_NAME}", content=f"{text}\n".encode("utf-8", "replace"))


class _Crate:
    """The entities of one crate by their id, in the order in which they are first named."""

    def __init__(self, context: SiteContext, group: PaperRows) -> None:
        self.context, self.group = context, group
        self.entities: dict[str, Entity] = {}
        self.actions: list[str] = []
        self.shared: dict[str, None] = {}
        self.evaluators: dict[str, None] = {}
        self.left_out = 0
        self.paper = self._paper()
        for number, attempt in enumerate(group.attempts, start=1):
            self._attempt(number, attempt)

    def heads(self, published: str, files: Sequence[OutputFile]) -> Iterator[Entity]:
        """Yield the descriptor, the root and the files."""
        paper = self.group.paper
        yield {
            "@id": CRATE_NAME,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _CRATE},
        }
        own = [_file(file, file.path.removeprefix(self.group.address)) for file in files]
        parts = [*(entity["@id"] for entity in own), *self.shared]
        more = (
            f" The first {MAX_ACTIONS:,} runs are actions of this crate; all stand in runs.csv."
            if self.left_out
            else ""
        )
        yield _said(
            {
                "@id": "./",
                "@type": "Dataset",
                "name": f"Reproduced results of: {shortened(paper.title, MAX_TEXT)}",
                "description": f"{summary_text(self.group.summary, 'claims')}; "
                f"{counted(len(self.group.attempts), 'reproduction')}.{more}",
                "datePublished": published,
                "license": {"@id": self._license()},
                "identifier": complete_address(self.context, self.group.address),
                "conformsTo": {"@id": _PROCESS} if self.actions else None,
                "author": _references(self.evaluators),
                "about": {"@id": self.paper},
                "hasPart": _references(parts),
                "mentions": _references(self.actions),
            }
        )
        if self.actions:
            yield {"@id": _PROCESS, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
        yield from own

    def _license(self) -> str:
        """Return the licence of the paper's record; that none is stated is an entity too."""
        words = self.context.catalog.artifacts[self.group.paper.key].license
        identifier = words if words.startswith(("https://", "http://")) else "#license"
        name = shortened(words, MAX_TEXT) or "No licence is stated for this record"
        return self._add({"@id": identifier, "@type": "CreativeWork", "name": name})

    def _paper(self) -> str:
        paper = self.group.paper
        return self._add(
            _said(
                {
                    "@id": web_address(paper.reference) or "#paper",
                    "@type": "ScholarlyArticle",
                    "name": shortened(paper.title, MAX_TEXT),
                    "description": shortened(paper_line(paper), MAX_TEXT),
                    "author": _references(self._person(person) for person in paper.authors[:MAX_PROPERTIES]),
                }
            )
        )

    def _person(self, person: Person) -> str:
        identifier = orcid(person.orcid) or f"#person-{_digest(person.name)}"
        return self._add(
            {"@id": identifier, "@type": "Person", "name": shortened(person.name, MAX_TEXT) or "not named"}
        )

    def _attempt(self, number: int, attempt: Reproduction) -> None:
        shared = {
            "instrument": {"@id": self._program(attempt)},
            "agent": _references(self._person(person) for person in attempt.agents[:MAX_PROPERTIES]),
        }
        environment = self._properties(f"#environment-{number}", attempt.environment) if attempt.runs else []
        if len(self.evaluators) < MAX_PROPERTIES:
            self.evaluators.update(dict.fromkeys(self._person(person) for person in attempt.agents[:MAX_PROPERTIES]))
        for place, run in enumerate(attempt.runs, start=1):
            if run.status is RunStatus.POTENTIAL:
                continue  # A run that nobody started is no action; runs.csv has it with its reason.
            if len(self.actions) >= MAX_ACTIONS:
                self.left_out += 1
            else:
                self._run(f"{number}-{place}", attempt, run, shared, environment)

    def _run(
        self, name: str, attempt: Reproduction, run: Run, shared: Mapping[str, Any], environment: list[str]
    ) -> None:
        own = self._properties(f"#environment-{name}", run.environment)
        results = [self._samples(name, run), *self._log(attempt, run)]
        claims = ", ".join(run.claims[:MAX_PROPERTIES])
        is_failed = run.status is RunStatus.FAILED
        entity = _said(
            {
                "@id": f"#run-{name}",
                "@type": "CreateAction",
                "name": shortened(f"Run {run.uid or name} for {claims or 'no claim'}", MAX_TEXT),
                "description": shortened(run.command or run.note, MAX_TEXT),
                **shared,
                "actionStatus": f"http://schema.org/{run.status.value}" if run.status in _ENDED else "",
                "error": shortened(run.error, MAX_TEXT) or "not recorded" if is_failed else "",
                "startTime": _moment(run.start_time),
                "endTime": _moment(run.end_time),
                "object": _references(self._properties(f"#parameters-{name}", run.parameters)),
                "result": _references(results),
                "environment": _references([*environment, *own]),
            }
        )
        self.actions.append(self._add(entity))

    def _samples(self, name: str, run: Run) -> str:
        values = [plain(sample.value) for sample in run.samples[:MAX_SAMPLES] if sample.value is not None]
        more = f"; the first {MAX_SAMPLES:,} are here" if len(run.samples) > MAX_SAMPLES else ""
        return self._add(
            _said(
                {
                    "@id": f"#result-{name}",
                    "@type": "PropertyValue",
                    "name": shortened(run.metric, MAX_TEXT) or "result",
                    "description": f"{counted(len(run.samples), 'sample')} in runs.csv{more}",
                    "unitText": shortened(run.unit, MAX_TEXT),
                    "value": _single(values) or shortened(" > ".join(run.order[:MAX_PROPERTIES]), MAX_TEXT),
                }
            )
        )

    def _log(self, attempt: Reproduction, run: Run) -> Iterator[str]:
        """Yield the log of a run: a file of the crate where its own address is known, else only named."""
        if not run.log:
            return
        view = log_view(self.context, attempt, run.log)
        complete = view.address.startswith(("https://", "http://"))
        identifier = view.address if complete else f"#log-{_digest(f'{attempt.key} {run.log}')}"
        if complete:
            self.shared[identifier] = None
        size = next((piece.size_bytes for piece in attempt.evidence if piece.path == run.log), None)
        yield self._add(
            _said(
                {
                    "@id": identifier,
                    "@type": "File" if complete else "CreativeWork",
                    "name": view.name,
                    "sha256": view.sha256,
                    "contentSize": str(size) if size is not None else "",
                    "encodingFormat": "text/plain" if complete else "",
                }
            )
        )

    def _program(self, attempt: Reproduction) -> str:
        """Return what was run: an artifact of the catalogue, something elsewhere, or that the record does not say."""
        key = program_key(self.context, attempt.artifact_reference, attempt.key.repository)
        words = shortened(attempt.artifact_reference, MAX_TEXT)
        known = complete_address(self.context, artifact_address(key)) if key else web_address(words)
        identifier = known or f"#program-{_digest(words or str(attempt.key))}"
        return self._add(
            _said(
                {
                    "@id": identifier,
                    "@type": "SoftwareSourceCode" if words else "SoftwareApplication",
                    "name": words or "a program that the record does not name",
                    "url": known,
                    "version": attempt.artifact_commit or attempt.artifact_sha256,
                }
            )
        )

    def _properties(self, identifier: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
        return [
            self._add(
                {
                    "@id": f"{identifier}-{number}",
                    "@type": "PropertyValue",
                    "name": shortened(name, MAX_TEXT) or "?",
                    "value": shortened(value, MAX_TEXT),
                }
            )
            for number, (name, value) in zip(range(1, MAX_PROPERTIES + 1), pairs, strict=False)
        ]

    def _add(self, entity: Entity) -> str:
        identifier: str = entity["@id"]
        self.entities.setdefault(identifier, entity)
        return identifier


def _moment(text: str) -> str:
    """Return a time with its zone in numbers, as the rules of the Process Run Crate want it; "" for what is none.

    >>> _moment("2026-01-02T03:04:05Z"), _moment("yesterday")
    ('2026-01-02T03:04:05+00:00', '')
    """
    return text.replace("Z", "+00:00") if _TIME.match(text) else ""


def _file(file: OutputFile, name: str) -> Entity:
    """Return one of our own files; the page is without size and digest, since its frame changes with the theme."""
    entity: Entity = {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": _ENCODINGS[name.rpartition(".")[2]],
    }
    if not name.endswith(".html"):
        entity |= {"contentSize": str(len(file.content)), "sha256": hashlib.sha256(file.content).hexdigest()}
    return entity


def _references(identifiers: Iterable[str]) -> list[dict[str, str]] | dict[str, str]:
    """Return references, one alone without a list, as RO-Crate recommends."""
    found = [{"@id": identifier} for identifier in dict.fromkeys(identifiers)]
    return found[0] if len(found) == 1 else found


def _single(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _said(entity: Entity) -> Entity:
    return {name: value for name, value in entity.items() if value not in ("", None, [])}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
