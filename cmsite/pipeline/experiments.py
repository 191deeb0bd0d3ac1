"""The rows of all experiments of a catalogue → tables and findings, once reading is done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from cmsite.catalog.catalog import Catalog
from cmsite.diagnostics import Diagnostic
from cmsite.model.artifact import Artifact, ArtifactKey
from cmsite.pipeline.ingest import Outcome
from cmsite.results.compatible import Compatible
from cmsite.results.row_blocks import ExperimentRows
from cmsite.results.row_checks import check_files, check_rows
from cmsite.results.row_merging import HeldBlock
from cmsite.results.row_tables import RowTable, tables_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiments:
    """The tables of a catalogue, and what is to be said about the rows."""

    tables: tuple[RowTable, ...]
    findings: tuple[Diagnostic, ...]


def experiments_of(catalog: Catalog, outcomes: Iterable[Outcome], compatible: Sequence[Compatible] = ()) -> Experiments:
    """Join the rows of all experiments of the catalogue, in its order; `compatible` is what registry.yml declares."""
    read: dict[ArtifactKey, ExperimentRows] = {
        outcome.artifact.key: outcome.rows
        for outcome in outcomes
        if outcome.artifact is not None and outcome.rows is not None
    }
    found = [(artifact, read[key]) for key, artifact in catalog.artifacts.items() if key in read]
    blocks = [HeldBlock(artifact=artifact, block=block) for artifact, rows in found for block in rows.blocks]
    templates = {repository.key: repository.provenance.file_url for repository in catalog.repositories}

    def address(artifact: Artifact, path: str) -> str:
        template = templates[artifact.key.repository]
        if not template or not artifact.commit:
            return ""
        return template.replace("{commit}", artifact.commit).replace("{path}", quote(path))

    tables = tables_of(blocks, address, compatible)
    return Experiments(tables=tables, findings=(*check_files(found), *check_rows(tables)))
