"""The page of a paper and what lies beside it: exports, badges, reviews, the RO-Crate; bounded whatever the records hold."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cmsite.model.artifact import Artifact
from cmsite.model.judgements import Summary
from cmsite.model.names import is_safe_folder
from cmsite.model.results import Verdict
from cmsite.outputs import OutputFile
from cmsite.site.attempt_views import OWN_PAGE
from cmsite.site.badge_svg import MAX_LABEL, BadgePicture, emit_badge, paper_badge
from cmsite.site.claim_names import claim_names, safe_name
from cmsite.site.claim_reviews import RATINGS, claim_reviews
from cmsite.site.crates import CRATE_NAME, MAX_ACTIONS
from cmsite.site.embedding import MAX_BADGES
from cmsite.site.paper_claims import MAX_ROWS
from cmsite.site.paper_history import MAX_ATTEMPTS as MAX_HISTORY
from cmsite.site.paper_pages import MAX_ATTEMPTS, render_paper
from cmsite.site.tried_views import tried_sections
from tests.result_values import artifact
from tests.schema_vocabulary import problems
from tests.test_results import PAPER_YAML, REPRODUCTION_YAML, bundled, meta, paper, reproduction
from tests.test_results_pages import content, context

SVG = "{http://www.w3.org/2000/svg}"
HERE = "paper/fast-sorting/"


def beside(*artifacts: Artifact) -> dict[str, bytes]:
    """Return the files of the pages of all papers."""
    made = context(*artifacts)
    files: list[OutputFile] = [file for group in made.relations.groups for file in render_paper(made, group)]
    assert len({file.path.casefold() for file in files}) == len(files)
    return {file.path: file.content for file in files}


def page(*artifacts: Artifact) -> str:
    return beside(*artifacts)[f"{HERE}index.html"].decode()


def words(html: str) -> str:
    return " ".join(content(html).text.split())


def rows(content_: bytes) -> list[dict[str, str]]:
    csv.field_size_limit(100_000_000)
    return list(csv.DictReader(io.StringIO(content_.decode(), newline="")))


def changed(**changes: Any) -> Artifact:
    """Return the reproduction with other values in its block."""
    values = meta(REPRODUCTION_YAML)
    values["reproduction"] |= changes
    return artifact("reproduction", "other", uid="9" * 16, files=("logs/a.log",), **values)


# --- What a reviewer finds ------------------------------------------------------------------------------------------


def test_what_a_record_does_not_say_is_said_to_be_missing():
    bare = artifact(
        "reproduction", "bare", uid="b" * 16, reproduction={"paper": f"fast-sorting,{'a' * 16}", "claims": ["C1"]}
    )
    said = words(page(paper(), bare))
    for missing in (
        "Evaluators not stated",
        "Date not stated",
        "Kind not stated",
        "Independent of the authors not stated",
        "On the authors' hardware not stated",
        "No run was recorded",
        "No log or other file was recorded",
        "Program not recorded",
        "Container image none recorded",
        "Time of machines not recorded",
        "Disk not recorded",
        "The record gives no command",
        "Not verified: nobody but its evaluator has checked a record",
    ):
        assert missing in said, missing


def test_a_failed_run_without_a_reason_says_so():
    silent = changed(runs=[{"uid": "1" * 16, "claims": ["C1"], "actionStatus": "FailedActionStatus"}])
    assert "failed no reason recorded" in words(page(paper(), silent))


def test_environments_are_compared_differences_first():
    said = words(page(paper(), reproduction()))
    assert "1 of 1 property stated on both sides differ" in said
    assert said.index("host_processor_model_name differs A B") < said.index("host_memory_capacity not stated 24 GiB")


def test_the_time_of_machines_is_worked_out_where_no_record_states_it():
    run = {"uid": "1" * 16, "claims": ["C1"], "samples": [98.9], "actionStatus": "CompletedActionStatus"}
    first = {**run, "startTime": "2026-01-02T03:00:00Z", "endTime": "2026-01-02T03:30:00Z"}
    mixed = {**run, "startTime": "2026-01-02T03:00:00", "endTime": "soon"}
    assert "30.0 min between the first start and the last end" in words(page(paper(), changed(runs=[first])))
    assert "Time of machines not recorded" in words(page(paper(), changed(runs=[first, mixed])))
    assert "Time of machines 7 min" in words(page(paper(), changed(runs=[first], effort={"compute_min": 7})))


def test_the_disk_is_what_the_program_asks_for():
    ran = changed(artifact={"reference": "script:run-it"})
    for asked, said in ((2500, "Disk 2,500 MB"), (True, "Disk not recorded"), ("9" * 20, "Disk not recorded")):
        assert said in words(page(paper(), ran, artifact("script", "run-it", uid="e" * 16, required_disk_space=asked)))


def test_claims_that_nobody_tried_have_their_reasons():
    text = PAPER_YAML.replace("kind: qualitative}", "kind: qualitative, not_reproducible_reason: needs a wafer}")
    assert "C3 It is nice. a matter of taste" in words(page(paper(), reproduction()))
    assert "C3 It is nice. needs a wafer" in words(page(paper(text), reproduction()))


def test_history_tells_changed_verdicts_disputes_and_what_does_not_count():
    old = reproduction(
        REPRODUCTION_YAML.replace("98.88, 98.92", "90")
        .replace("2026-01-02", "2025-01-02")
        .replace("status: unverified", "status: superseded\n  note: the wrong data"),
        folder="old",
        uid="c" * 16,
    )
    disputed = reproduction(
        REPRODUCTION_YAML.replace("98.88, 98.92", "97").replace("status: unverified", "status: disputed"),
        folder="disputed",
        uid="d" * 16,
    )
    said = words(page(paper(), reproduction(), old, disputed))
    assert "3 reproductions: 1 disputed, 1 unverified, 1 superseded" in said
    assert "1 record is disputed; 1 record is superseded; a superseded record is shown and does not count." in said
    assert "2025-01-02, superseded: ✗ not reproduced, 2026-01-02: ✓ reproduced, 2026-01-02: ✗ not reproduced" in said
    assert "the wrong data" in said
    assert "No record is disputed or superseded." in words(page(paper(), reproduction()))


# --- Bounds ---------------------------------------------------------------------------------------------------------


def test_thousands_of_malformed_reproductions_stay_a_page_with_counts():
    number = 3000
    broken: dict[str, Any] = {"paper": f"fast-sorting,{'a' * 16}", "claims": ["nope"], "runs": [{"samples": "nan"}, 7]}
    many = [artifact("reproduction", f"r{n}", uid=f"{n:016x}", reproduction=broken) for n in range(number)]
    files = beside(paper(), *many)
    html = files[f"{HERE}index.html"].decode()
    assert len(html) < 150_000
    assert html.count("<h2 id=") == MAX_ATTEMPTS + 5
    said = words(html)
    assert f"{number - MAX_ATTEMPTS:,} more reproductions" in said
    assert f"and {number - MAX_HISTORY:,} older" in said
    assert "3,000 reproductions: 3,000 unverified" in said
    assert len(rows(files[f"{HERE}runs.csv"])) == number


def test_thousands_of_claims_stay_a_page_and_all_are_in_the_exports():
    number = 2000
    values, record = meta(PAPER_YAML), meta(REPRODUCTION_YAML)
    values["claims"] = [{**values["claims"][0], "id": f"C{n}"} for n in range(number)]
    run = record["reproduction"]["runs"][0]
    record["reproduction"] |= {
        "claims": [f"C{n}" for n in range(number)],
        "runs": [{**run, "claims": [f"C{n}"], "samples": [98.9 + n / 1000 for n in range(50)]} for n in range(number)],
    }
    files = beside(
        artifact("paper", "fast-sorting", uid="a" * 16, **values), artifact("reproduction", "r", uid="b" * 16, **record)
    )
    html = files[f"{HERE}index.html"].decode()
    assert len(html) < 800_000
    said = words(html)
    assert f"and {number - MAX_ROWS:,} more rows" in said
    assert f"{number - OWN_PAGE.runs:,} more runs" in said
    assert f"the last {number - MAX_BADGES:,} claims have no badge" in said
    assert [row["claim"] for row in rows(files[f"{HERE}claims.csv"])][:11:5] == ["C0", "C5", "C10"]
    assert len(json.loads(files[f"{HERE}claims.json"])["claims"]) == number
    assert len(rows(files[f"{HERE}runs.csv"])) == number
    assert sum(path.endswith(".svg") for path in files) == MAX_BADGES + 1
    crate = json.loads(files[HERE + CRATE_NAME])["@graph"]
    assert sum(item["@type"] == "CreateAction" for item in crate) == min(MAX_ACTIONS, number)


def test_of_many_rows_of_one_claim_the_worst_is_shown():
    many = [reproduction(folder=f"f{n}", uid=f"{n:016x}") for n in range(2 * MAX_ROWS)]
    worst = reproduction(
        REPRODUCTION_YAML.replace("98.88, 98.92", "90").replace("2026-01-02", "2020-01-01"), folder="w", uid="f" * 16
    )
    html = page(paper(), *many, worst)
    assert "cmr-verdict--bad" in html[html.index('id="claims"') : html.index('id="reproduction-')]
    assert 'id="C1-ffffffffffffffff"' in html
    assert "C2-" in html


def test_a_hundred_thousand_samples_are_in_the_export_and_not_on_the_page():
    samples = [98.8 + number / 1_000_000 for number in range(100_000)]
    run = {**meta(REPRODUCTION_YAML)["reproduction"]["runs"][0], "samples": samples}
    files = beside(paper(), changed(runs=[run]))
    assert len(files[f"{HERE}index.html"]) < 60_000
    assert "99,000 more in the artifact" in files[f"{HERE}index.html"].decode()
    (row,) = rows(files[f"{HERE}runs.csv"])
    assert (int(row["n"]), json.loads(row["samples"])) == (len(samples), samples)


def test_texts_without_end_end():
    long = "<b>" * 30_000
    values, record = meta(PAPER_YAML), meta(REPRODUCTION_YAML)
    for claim in values["claims"]:
        claim.update(text=long, note=long, locator=long)
    values["paper"] |= {"title": long, "venue": long, "note": long, "authors": [{"name": long}] * 100}
    for run in record["reproduction"]["runs"]:
        run.update(
            error=long,
            command=long,
            note=long,
            log=long,
            metric=long,
            unit=long,
            parameters={f"{n}{long}": long for n in range(5)},
        )
    record["reproduction"] |= {
        "note": long, "check_time": long, "certificate": long, "environment": {f"k{n}": long for n in range(100)},
        "not_attempted": [{"claim": "C3", "reason": long}], "agent": [{"name": long}] * 100,
        "evidence": [{"path": long, "note": long}, {"url": f"https://example.org/{long}"}],
    }  # fmt: skip
    record["reproduction"]["runs"] *= 15  # Any of its texts whole would make the page too long.
    files = beside(
        artifact("paper", "fast-sorting", uid="a" * 16, **values), artifact("reproduction", "r", uid="b" * 16, **record)
    )
    assert len(files[f"{HERE}index.html"]) < 1_000_000
    assert "more characters)" in files[f"{HERE}index.html"].decode()
    assert all(len(content) < 20_000_000 for content in files.values())


# --- Badges -----------------------------------------------------------------------------------------------------------


@given(st.text(), st.text(), st.sampled_from(["good", "bad", "unsure"]), st.text())
def test_a_badge_is_a_harmless_picture_of_words(label: str, said: str, kind: str, title: str) -> None:
    root = etree.fromstring(emit_badge(BadgePicture(label=label, words=said, kind=kind), title))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "rect", "g", "text"}
    assert not any(
        name.startswith("on") or "href" in name or name == "style" for item in root.iter() for name in item.attrib
    )
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert root.find(f"{SVG}title").text.startswith(root.get("aria-label"))
    shown = [item.text for item in root.iter(f"{SVG}text")]
    assert root.get("aria-label") == ": ".join(text or "" for text in shown)
    assert float(root.get("width")) == sum(float(item.get("textLength")) for item in root.iter(f"{SVG}text")) + 28


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("kind", ["good", "bad", "unsure"])
def test_letters_of_a_badge_can_be_read(kind: str) -> None:
    root = etree.fromstring(emit_badge(BadgePicture(label="C1", words="x", kind=kind), ""))
    for ground in root.iter(f"{SVG}rect"):
        assert 1.05 / (luminance(ground.get("fill")) + 0.05) >= 4.5


def test_badges_say_verdict_count_and_that_nobody_checked():
    files = beside(paper(), reproduction(), paper(repository="other", folder="bare", uid="e" * 16))
    labels = {path: etree.fromstring(data).get("aria-label") for path, data in files.items() if path.endswith(".svg")}
    assert labels[f"{HERE}badge.svg"] == "claims: 1 of 3 reproduced, unverified"
    assert labels[f"{HERE}C1.svg"] == "C1: reproduced, unverified"
    assert labels[f"{HERE}C3.svg"] == "C3: untested"
    assert labels["paper/bare/badge.svg"] == "claims: 3 claims, none tried"
    verified = reproduction(REPRODUCTION_YAML.replace("status: unverified", "status: verified"))
    found = beside(paper(), verified)
    assert etree.fromstring(found[f"{HERE}C1.svg"]).get("aria-label") == "C1: reproduced"
    worse = reproduction(REPRODUCTION_YAML.replace("98.88, 98.92", "90"), folder="worse", uid="c" * 16)
    several = beside(paper(), reproduction(), worse)[f"{HERE}C1.svg"]
    assert etree.fromstring(several).get("aria-label") == "C1: not reproduced, 1 of 2 reproduced it, unverified"


def test_a_paper_without_claims_has_a_badge_that_says_so():
    files = beside(artifact("paper", "fast-sorting", uid="a" * 16, paper={"title": "Bare", "year": 1999}))
    assert etree.fromstring(files[f"{HERE}badge.svg"]).get("aria-label") == "claims: none declared"
    assert "No claims declared" in words(files[f"{HERE}index.html"].decode())
    assert set(files) == {
        HERE + name for name in ("index.html", "badge.svg", "claims.csv", "claims.json", "runs.csv", CRATE_NAME)
    }


IDS = st.lists(
    st.one_of(
        st.text(), st.text("cC1-aB.", max_size=4), st.sampled_from(["badge", "index", "CON", "nul.txt", "..", ""])
    ),
    max_size=8,
)


@given(IDS)
def test_names_of_claims_are_safe_and_their_own(ids: list[str]) -> None:
    names = claim_names(ids)
    assert set(names) == set(ids)
    assert len({name.casefold() for name in names.values()}) == len(names)
    for claim, name in names.items():
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,130}", name)
        assert is_safe_folder(f"{name}.svg")
        assert name.casefold() not in ("badge", "index")
        assert name in (claim, *claim_names([claim]).values()) or claim.upper() != claim
        assert claim_names(reversed(ids))[claim] == name or len(name) > 100


def test_a_name_that_looks_made_is_made():
    made = safe_name("Table 3")
    assert safe_name(made) != made
    assert claim_names(["C1", "c1"])["C1"] == "C1"


def test_what_to_copy_holds_in_markdown_and_html():
    html = page(paper(PAPER_YAML.replace("id: C1", 'id: "[C](1)`<b>"')), reproduction())
    blocks = [block for block in content(html).text.split("\n") if block.startswith("[![")]
    assert blocks
    assert blocks[0].endswith(f"]({HERE}badge.svg)]({HERE})")
    assert "Put the address of this site before the paths" in words(html)
    assert r"\[C\]\(1\)\`\<b\>" in html.replace("&lt;", "<").replace("&gt;", ">")


# --- Exports and machines ---------------------------------------------------------------------------------------------


def test_no_cell_of_the_runs_is_a_formula_and_nothing_is_lost():
    run = meta(REPRODUCTION_YAML)["reproduction"]["runs"][0]
    evil = {
        **run,
        "uid": "=1+1",
        "error": "@SUM(A1)",
        "command": "+cmd|' /C calc'!A0",
        "log": "-2",
        "samples": ["=x", "nan", -0.5],
    }
    (row,) = rows(beside(paper(), changed(runs=[evil]))[f"{HERE}runs.csv"])
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
    assert json.loads(row["samples"]) == ["=x", "nan", -0.5]
    assert row["command"] == "'+cmd|' /C calc'!A0"


@pytest.mark.parametrize("name", ["__proto__", "<img onerror>", "constructor", "a/../b", "\x00", ""])
def test_odd_names_make_files_and_anchors_that_work(name: str) -> None:
    values = meta(PAPER_YAML)
    values["metrics"][1]["id"] = values["claims"][0]["metric"] = values["claims"][0]["id"] = name
    text = REPRODUCTION_YAML.replace("claims: [C1]", f"claims: [{json.dumps(name)}]").replace(
        "metric: accuracy", f"metric: {json.dumps(name)}"
    )
    files = beside(artifact("paper", "fast-sorting", uid="a" * 16, **values), reproduction(text))
    read = content(files[f"{HERE}index.html"].decode())
    assert all(
        re.fullmatch(r"[A-Za-z0-9._-]+", attributes["id"]) for _, attributes in read.elements if "id" in attributes
    )
    for link in read.all("a"):
        address = urlsplit(link["href"])
        if address.path.startswith(f"../../{HERE}") and not address.path.endswith("/"):
            assert address.path.removeprefix("../../") in files
    assert all(re.fullmatch(rf"{HERE}[A-Za-z0-9._-]+", path) for path in files)


def test_reviews_are_by_whoever_measured_and_rate_only_what_was_judged():
    made = context(paper(), reproduction())
    reviews = list(claim_reviews(made, made.relations.groups[0]))
    assert [problem for review in reviews for problem in problems(review)] == []
    assert [(review["itemReviewed"]["name"], "reviewRating" in review) for review in reviews] == [
        ("C1", True), ("C2", False), ("C3", False),
    ]  # fmt: skip
    assert reviews[0]["claimReviewed"] == "It is right."
    assert reviews[0]["author"] == [{"@type": "Person", "name": "Bob"}]
    assert reviews[0]["datePublished"] == "2026-01-02"
    rating = reviews[0]["reviewRating"]
    assert (rating["ratingValue"], rating["worstRating"], rating["bestRating"], rating["alternateName"]) == (
        3,
        1,
        3,
        "reproduced",
    )
    assert set(RATINGS) == {verdict for verdict in Verdict if verdict.judged}
    untried = context(paper())
    assert list(claim_reviews(untried, untried.relations.groups[0])) == []


def crate_problems(files: dict[str, bytes], folder: str) -> list[str]:  # noqa: C901 - a list of demands, one after the other.
    """Return where a crate misses what RO-Crate 1.1 and Process Run Crate 0.5 demand with MUST, in their order."""
    document = json.loads(files[folder + CRATE_NAME])
    graph = document["@graph"]
    known = {item["@id"]: item for item in graph}
    found = [] if len(known) == len(graph) else ["an @id stands twice"]
    if document["@context"][0] != "https://w3id.org/ro/crate/1.1/context":
        found.append("the context is not that of RO-Crate 1.1")
    descriptor, root = known.get(CRATE_NAME, {}), known.get("./", {})
    if (descriptor.get("@type"), descriptor.get("about"), descriptor.get("conformsTo")) != (
        "CreativeWork", {"@id": "./"}, {"@id": "https://w3id.org/ro/crate/1.1"},
    ):  # fmt: skip
        found.append("the descriptor does not describe the root")
    if root.get("@type") != "Dataset" or not all(
        root.get(name) for name in ("name", "description", "datePublished", "license")
    ):
        found.append("the root misses something")
    if not re.fullmatch(r"\d{4}(-\d{2}-\d{2})?", root.get("datePublished", "")):
        found.append("the root has no date")
    for item in graph:
        found += [f"{item['@id']} misses {name}" for name in ("@id", "@type") if not item.get(name)]
        for name, value in item.items():
            for one in value if isinstance(value, list) else [value]:
                target = one.get("@id") if isinstance(one, dict) else None
                if isinstance(one, dict) and list(one) != ["@id"]:
                    found.append(f"{item['@id']}.{name} is nested")  # Flattened, compacted JSON-LD.
                if (
                    target
                    and target not in known
                    and not target.startswith(("http://schema.org/", "https://w3id.org/"))
                ):
                    found.append(f"{item['@id']}.{name} leads to {target}, which is nowhere")
        if item["@type"] == "File" and not item["@id"].startswith("http") and folder + item["@id"] not in files:
            found.append(f"the file {item['@id']} is not there")
        if item["@type"] == "CreateAction":
            found += _action_problems(item, known)
    actions = {item["@id"] for item in graph if item["@type"] == "CreateAction"}
    if actions != {one["@id"] for one in _listed(root.get("mentions"))} or bool(actions) != ("conformsTo" in root):
        found.append("the root does not mention its actions")
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _action_problems(item: dict[str, Any], known: dict[str, dict[str, Any]]) -> list[str]:
    found = []
    if known.get(item.get("instrument", {}).get("@id"), {}).get("@type") not in (
        "SoftwareApplication",
        "SoftwareSourceCode",
    ):
        found.append(f"{item['@id']} has no application")
    status = item.get("actionStatus", "")
    if "error" in item and status != "http://schema.org/FailedActionStatus":
        found.append(f"{item['@id']} has an error and did not fail")
    return found


def test_a_foreign_reader_finds_the_files_and_runs_of_the_bundled_crates(tmp_path: Path):
    from rocrate.rocrate import ROCrate

    files = beside(*bundled())
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    folders = {path.removesuffix("index.html") for path in files if path.endswith("index.html")}
    actions = 0
    for folder in folders:
        crate = ROCrate(tmp_path / folder)
        # What is a file and no address, the reader takes as one only where it is there.
        here = {item.id for item in crate.data_entities if item.type == "File" and "://" not in item.id}
        beside_page = {path.removeprefix(folder) for path in files if path.startswith(folder)}
        assert {"claims.csv", "claims.json", "runs.csv", "index.html"} <= here <= beside_page - {CRATE_NAME}
        assert all(
            str(len(files[folder + name])) == crate.get(name).get("contentSize", str(len(files[folder + name])))
            for name in here
        )
        assert crate.name.startswith("Reproduced results of: ")
        for action in crate.get_by_type("CreateAction"):
            actions += 1
            assert action["instrument"].type in ("SoftwareSourceCode", "SoftwareApplication")
            assert action["agent"].type == "Person" if not isinstance(action["agent"], list) else action["agent"]
            assert action["actionStatus"] == "http://schema.org/CompletedActionStatus" or action["error"]
            assert all(entity.type in ("PropertyValue", "CreativeWork", "File") for entity in action["result"])
        crate.write(tmp_path / "copy" / folder)  # Copies every file that it knows.
        assert {
            item.relative_to(tmp_path / "copy" / folder).as_posix()
            for item in (tmp_path / "copy" / folder).rglob("*")
            if item.is_file()
        } == beside_page
    assert actions >= 20


def test_the_crates_of_the_bundled_papers_are_what_the_specifications_demand():
    files = beside(*bundled())
    folders = {path.removesuffix("index.html") for path in files if path.endswith("index.html")}
    assert len(folders) >= 4
    assert {folder: crate_problems(files, folder) for folder in folders} == {folder: [] for folder in folders}


def test_a_crate_tells_failed_runs_and_leaves_out_those_nobody_started():
    record = meta(REPRODUCTION_YAML)["reproduction"]["runs"]
    record[2]["actionStatus"] = "PotentialActionStatus"
    files = beside(paper(), changed(runs=record))
    assert crate_problems(files, HERE) == []
    actions = [item for item in json.loads(files[HERE + CRATE_NAME])["@graph"] if item["@type"] == "CreateAction"]
    assert [item["actionStatus"].rpartition("/")[2] for item in actions] == [
        "CompletedActionStatus",
        "FailedActionStatus",
    ]
    assert actions[1]["error"] == "out of memory"
    assert len(rows(files[f"{HERE}runs.csv"])) == 3


def test_the_checker_of_crates_finds_what_is_wrong():
    files = beside(paper(), reproduction())
    assert crate_problems(files, HERE) == []
    document = json.loads(files[HERE + CRATE_NAME])
    root = next(item for item in document["@graph"] if item["@id"] == "./")
    del root["datePublished"], root["mentions"]
    root["hasPart"] = [{"@id": "gone.csv"}]
    files[HERE + CRATE_NAME] = json.dumps(document).encode()
    assert len(crate_problems(files, HERE)) == 4


def test_without_any_date_there_is_no_crate_and_the_page_names_none():
    files = beside(artifact("paper", "fast-sorting", uid="a" * 16, paper={"title": "Bare"}))
    assert HERE + CRATE_NAME not in files
    assert CRATE_NAME not in files[f"{HERE}index.html"].decode()


# --- The artifact that was run ------------------------------------------------------------------------------------------


def test_the_artifact_that_was_run_shows_what_was_found_with_it():
    text = REPRODUCTION_YAML.replace("type: replicated", "type: replicated\n  artifact: {reference: REF}")
    script = artifact("script", "run-it", uid="e" * 16)
    for reference in ('"script:run-it,eeeeeeeeeeeeeeee"', "script:run-it", "team/script:run-it", '"script:run-it@r1"'):
        made = context(paper(), reproduction(text.replace("REF", reference)), script)
        ((key, (section,)),) = tried_sections(made).items()
        assert key == script.key
        html = made.render(section.template, base="../../../..", **section.values)
        said = words(f"<CONTENT>{html}</CONTENT>")
        assert "1 reproduction of 1 paper ran this artifact: 1 of 1 judged claim reproduced" in said
        assert "Bytes that ran" in said
        assert "not recorded" in said
        assert f'href="../../../../{HERE}#C1-bbbbbbbbbbbbbbbb"' in html
    for reference in ("script:other", '"script:run-it,ffffffffffffffff"', "other/script:run-it", "run-it", '":"'):
        assert tried_sections(context(paper(), reproduction(text.replace("REF", reference)), script)) == {}


def test_a_paper_badge_is_good_only_for_everything():
    made = context(paper(), reproduction())
    assert paper_badge(made.relations.groups[0]).kind == "unsure"
    assert isinstance(made.relations.groups[0].summary, Summary)
    assert len(paper_badge(made.relations.groups[0]).label) <= MAX_LABEL
