"""`cmsite search` and misspelt references over a registry with a tree of terms, as a person meets them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmsite.cli import cli
from cmsite.client import term_search
from cmsite.client.query import parse_query
from cmsite.client.registries import open_address
from cmsite.client.term_search import search_terms
from cmsite.errors import NotFoundError
from cmsite.index.emit import emit_index
from cmsite.index.layout import IndexLimits
from cmsite.outputs import OutputFolder
from tests.index_values import REGISTRY_ID, many, record
from tests.memory_registry import index_files

LIMITS = IndexLimits(all_bytes=0, least_common=100)
RECORDS = [
    *many(300),
    record("detect-os", authors=("Ada King",), variations=("verbose",), has=("results",), words=("kernel",)),
    record("detect-cpu", authors=("Bob",), repository="other", rank=1),
    record("get-dataset-coco", automation="data", automation_uid="0" * 16),
]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    made = emit_index(RECORDS, registry_id=REGISTRY_ID, first=True, limits=LIMITS)
    return {file.path: file.content for file in made}


@pytest.fixture
def site(files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CMSITE_CACHE", str(tmp_path / "cache"))
    output = OutputFolder(tmp_path / "site")
    for emitted in emit_index(RECORDS, registry_id=REGISTRY_ID, first=True, limits=LIMITS):
        output.write(emitted)
    return tmp_path / "site"


def run(site: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["search", *words, "--registry", str(site)], catch_exceptions=False)


def found(site: Path, *words: str) -> list[str]:
    result = run(site, *words, "--json")
    assert result.exit_code == 0, result.output
    return [row["alias"] for row in json.loads(result.stdout)["results"]]


def test_words_tags_and_facets(site: Path) -> None:
    assert found(site, "detect", "--author", "ada") == ["detect-os"]
    assert found(site, "author:king") == ["detect-os"]
    assert found(site, "detect", "--repository", "other") == ["detect-cpu"]
    assert found(site, "has:results") == ["detect-os"]
    assert found(site, "--tags", "_verbose") == ["detect-os"]
    assert found(site, "kernel") == ["detect-os"]
    assert found(site, "automation:data") == ["get-dataset-coco"]
    assert found(site, "detect", "--tags", "-detect-cpu", "--limit", "1") == ["detect-os"]
    assert found(site, record("detect-os").uid) == ["detect-os"]


def test_ten_are_shown_and_the_others_counted(site: Path) -> None:
    result = run(site, "artifact")
    assert len(result.stdout.splitlines()) == 10
    assert "10 of 300 shown; --limit shows more" in result.stderr


def test_at_least_where_a_long_list_is_not_read_to_its_end(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(term_search, "MAX_CONSIDERED", 150)
    assert "10 of at least 150 shown" in run(site, "--automation", "script").stderr
    document = json.loads(run(site, "--automation", "script", "--json").stdout)
    assert (document["total"], document["total_is_exact"]) == (150, False)


def test_spelling_hints(site: Path) -> None:
    assert "did you mean kernel?" in run(site, "kernle").stderr
    assert "did you mean detect?" in run(site, "detcet").stderr  # Wherever leaves are cut.
    assert "did you mean dataset?" in run(site, "datset", "coco").stderr
    assert "did you mean" not in run(site, "detect").stderr
    assert "nothing found" in run(site, "xyzzy").stderr


def test_a_large_registry_is_not_listed_as_a_whole(site: Path) -> None:
    result = run(site)
    assert result.exit_code == 0
    assert "name a word or a tag to search for" in result.stderr
    assert result.stdout == ""


def test_a_misspelt_reference_offers_names(site: Path) -> None:
    registry = open_address(f"{site.as_uri()}/")
    for text, near in (
        ("script:detect-so", "script:detect-os"),
        ("script:detectos", "script:detect-os"),
        ("script:detcet-cpu", "script:detect-cpu"),
        ("data:get-dataset-cocoo", "data:get-dataset-coco"),
    ):
        with pytest.raises(NotFoundError) as caught:
            registry.resolve(text)
        assert near in caught.value.near, text


def test_pages_and_foreign_automations_are_found(site: Path) -> None:
    registry = open_address(f"{site.as_uri()}/")
    address = f"{site.as_uri()}/a/other/script/detect-cpu/"
    assert registry.resolve(address).record.alias == "detect-cpu"
    assert registry.resolve("0000000000000000:get-dataset-coco").record.alias == "get-dataset-coco"
    assert len(registry.records()) == len(RECORDS)


@pytest.mark.parametrize(
    ("words", "tags", "most"), [(["kernel"], "", 5), (["artifact"], "", 15), ([], "detect,detect-cpu", 8)]
)
def test_a_cold_search_costs_few_requests(files: dict[str, bytes], words: list[str], tags: str, most: int) -> None:
    found, fetcher = index_files(files)
    answer = search_terms(found, found.root.terms, parse_query(words, tags), 5)
    assert answer.total
    assert len(set(fetcher.asked)) + 1 <= most, fetcher.asked
    assert len(set(fetcher.asked)) == len(fetcher.asked)
