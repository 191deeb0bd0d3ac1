"""`codecheck.yml`: what it says on the pages of artifacts and repositories, and what is wrong with it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.errors import SourceError
from cmsite.results.certificates import MAX_BYTES, MAX_FILES, MAX_HASHED, Files, read_certificate, with_digests
from cmsite.site.certificate_views import certificate_view
from tests.test_build import run
from tests.test_refresh import build, refreshed, settle

# The shape of https://github.com/codecheckers/covid-uk: prose over lines, a comment, files kept in codecheck/outputs/.
WHOLE = """version: https://codecheck.org.uk/spec/config/1.0/
paper:
  title: "The effect of rain on
  harvests: a <modelling> study"
  authors:
    - name: Ann Author
      ORCID: 0000-0002-1825-0097
    - name: Bob Builder
  reference: https://doi.org/10.1000/rain
  # the first version of this is gone
manifest:
  - file: fig-rain.pdf
    comment: manuscript Figure 2 -- rain by month.
  - file: tables/rain.csv
    comment: manuscript Table 4.
codechecker:
  - name: Cy Checker
    ORCID: 0000-0001-8607-8025
summary:  Analysis took a day; otherwise straightforward.
repository: https://github.com/example/rain
check_time: "2020-04-09 09:40:00"
certificate: 2020-008
report: http://doi.org/10.5281/zenodo.3746024
"""
PREPARED = """manifest:
- {file: fig-rain.pdf, comment: Figure 2}
paper: {title: Rain}
"""
PDF, CSV = b"%PDF-1.4\n", b"month,rain\n1,2\n"
FILES: Files = {"codecheck/outputs/fig-rain.pdf": ("x/codecheck/outputs/fig-rain.pdf", 9), "tables/rain.csv": ("x/tables/rain.csv", 15)}  # fmt: skip


def read(text: str | bytes, files: Files = FILES) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return read_certificate("team", "x/codecheck.yml", len(content), files, lambda _: content)


def wrong(text: str | bytes, files: Files = FILES) -> list[tuple[str, int, str]]:
    return [(found.code, found.place.line if found.place else 0, found.message) for found in read(text, files).findings]


def test_everything_of_a_certificate_is_read_and_files_are_found_where_codecheckers_keep_them():
    reading = read(WHOLE)
    assert reading.findings == ()
    found = reading.certificate
    assert found.title == "The effect of rain on harvests: a <modelling> study"
    assert found.authors == (("Ann Author", "0000-0002-1825-0097"), ("Bob Builder", ""))
    assert found.checkers == (("Cy Checker", "0000-0001-8607-8025"),)
    assert (found.certificate, found.check_time, found.is_checked) == ("2020-008", "2020-04-09 09:40:00", True)
    assert [(file.path, file.source, file.size_bytes) for file in found.files] == [
        ("fig-rain.pdf", "x/codecheck/outputs/fig-rain.pdf", 9),
        ("tables/rain.csv", "x/tables/rain.csv", 15),
    ]
    contents = {"x/codecheck/outputs/fig-rain.pdf": PDF, "x/tables/rain.csv": CSV}
    digests = [file.sha256 for file in with_digests(found, contents.__getitem__).files]
    assert digests == [hashlib.sha256(PDF).hexdigest(), hashlib.sha256(CSV).hexdigest()]


def test_what_its_authors_prepared_is_no_certificate_and_no_finding():
    reading = read(PREPARED)
    assert reading.findings == ()
    assert not reading.certificate.is_checked
    line = certificate_view(reading.certificate, lambda _: "", "x").line
    assert line == "Prepared by its authors for a check: no codechecker, report or certificate is named yet."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [", ("CM522", 2, "is not YAML")),
        ("- a", ("CM522", 0, "must be a mapping of keys to values, got a list")),
        ("", ("CM522", 1, "is empty")),
        (b"\xff\xfe", ("CM522", 0, "is not text in UTF-8")),
        ("a: !!python/object:os.system {}", ("CM522", 1, "tag")),
        ("a: &a [*a]", ("CM522", 1, "")),
        ("manifest: []\npaper: {title: [x]}", ("CM522", 2, "title must be a text, got a list")),
        (PREPARED + "codechecker: {name: Cy}\n", ("CM522", 1, "report is missing, though somebody checked")),
        (WHOLE.replace("2020-008", "'008'"), ("CM522", 22, "certificate '008' is no number of the register")),
        (WHOLE.replace('"2020-04-09 09:40:00"', "last week"), ("CM522", 21, "check_time 'last week' is no date")),
        (WHOLE.replace("fig-rain", "fig-sun"), ("CM523", 12, "'fig-sun.pdf' of the manifest is neither beside")),
        (WHOLE.replace("fig-rain.pdf", "../../etc/passwd"), ("CM522", 12, "leads out of the folder")),
        (WHOLE.replace("fig-rain.pdf", "/etc/passwd"), ("CM522", 12, "leads out of the folder")),
        (WHOLE.replace("manifest:", "manifesto:"), ("CM522", 1, "manifest is missing")),
        ("paper: 5\nmanifest: 6\n", ("CM522", 1, "paper must be a mapping of keys to values, got 5")),
        ("manifest: [{comment: x}]\npaper: {title: x}", ("CM522", 1, "file is missing")),
        ("x: 1\nx: 2\nmanifest: []\npaper: {title: x}", ("CM522", 2, "")),
    ],
)  # fmt: skip
def test_what_is_malformed_is_found_at_its_place(text: str | bytes, expected: tuple[str, int, str]):
    code, line, words = expected
    found = wrong(text)
    assert any(item[0] == code and words in item[2] and (not line or item[1] == line) for item in found), found


def test_size_files_and_hashing_are_bounded():
    def refused(_: str) -> bytes:
        raise AssertionError("a file that is too large was opened")

    large = read_certificate("team", "codecheck.yml", MAX_BYTES + 1, {}, refused)
    assert large.certificate is None
    assert "is not read" in large.findings[0].message
    many = read("paper: {title: x}\nmanifest:\n" + "- {file: tables/rain.csv}\n" * (MAX_FILES + 5))
    assert (len(many.certificate.files), many.certificate.left_out) == (MAX_FILES, 5)
    whole = read(WHOLE, {"fig-rain.pdf": ("fig-rain.pdf", MAX_HASHED + 1), "tables/rain.csv": ("rain.csv", 15)})
    hashed = with_digests(whole.certificate, lambda path: CSV if path == "rain.csv" else refused(path))
    assert [bool(file.sha256) for file in hashed.files] == [False, True]


def test_a_file_that_vanished_has_no_digest_and_an_unreadable_one_is_a_finding():
    def gone(path: str) -> bytes:
        raise SourceError(f"{path} is gone")

    assert [file.sha256 for file in with_digests(read(WHOLE).certificate, gone).files] == ["", ""]
    assert "is gone" in read_certificate("team", "codecheck.yml", 5, {}, gone).findings[0].message


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
_KEYS = ("version", "paper", "manifest", "codechecker", "report", "certificate", "check_time", "summary", "repository")


@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=5))
def test_no_file_raises_and_every_reading_can_be_shown(data: dict[str, Any]):
    reading = read(json.dumps(data))
    if reading.certificate is not None:
        assert certificate_view(reading.certificate, lambda _: "", "x").line


# --- Pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a codecheck.yml at its root, one in an artifact's subfolder, and a malformed one in another."""
    folder = tmp_path_factory.mktemp("codecheck")
    own = folder / "r" / "script" / "rain"
    (own / "study" / "codecheck" / "outputs").mkdir(parents=True)
    (own / "study" / "tables").mkdir()
    (own / "study" / "codecheck.yml").write_text(WHOLE)
    (own / "study" / "codecheck" / "outputs" / "fig-rain.pdf").write_bytes(PDF)
    (own / "study" / "tables" / "rain.csv").write_bytes(CSV)
    bad = folder / "r" / "script" / "bad"
    bad.mkdir()
    (bad / "codecheck.yml").write_text("manifest: 5\npaper: {title: x}\n")
    for number, path in enumerate((own, bad)):
        meta = f"alias: {path.name}\nuid: 000000000000000{number}\nautomation_alias: script\nautomation_uid: 5b4e0237da074764\ntags: [a]\n"
        (path / "_cm.yaml").write_text(meta)
    (folder / "r" / "cmr.yaml").write_text(f"alias: r\nuid: '{'d' * 16}'\n")
    (folder / "r" / "codecheck.yml").write_text(PREPARED.replace("fig-rain.pdf", "script/rain/study/tables/rain.csv"))
    (folder / "registry.yml").write_text(f"title: T\nregistry_id: '{'0' * 32}'\nsources: [{{folder: r}}]\n")
    result = run("build", cwd=folder)
    assert result.returncode == 0, result.stderr
    return folder


def test_the_page_of_an_artifact_has_evaluator_date_report_and_files_with_size_and_digest(built: Path):
    page = (built / "site/a/r/script/rain/index.html").read_text("utf-8")
    assert "Checked by Cy Checker, 2020-04-09 09:40:00, as codecheck.yml states; nothing was looked up." in page
    assert 'href="https://codecheck.org.uk/register/certs/2020-008/"' in page
    assert 'href="http://doi.org/10.5281/zenodo.3746024"' in page
    assert 'href="https://orcid.org/0000-0001-8607-8025"' in page
    assert "a &lt;modelling&gt; study" in page
    assert (
        f'<td class="cm-number">15 B</td><td><code class="cm-digest">{hashlib.sha256(CSV).hexdigest()}</code>' in page
    )
    assert hashlib.sha256(PDF).hexdigest() in page


def test_the_page_of_a_repository_has_the_certificate_at_its_root(built: Path):
    page = (built / "site/repository/r/index.html").read_text("utf-8")
    assert "Prepared by its authors for a check" in page
    assert hashlib.sha256(CSV).hexdigest() in page
    assert "CODECHECK" not in (built / "site/automation/script/index.html").read_text("utf-8")


def test_validate_finds_the_malformed_one_and_the_page_shows_the_finding(built: Path):
    done = run("validate", "--json", cwd=built)
    found = [item for item in json.loads(done.stdout)["findings"] if item["code"].startswith("CM52")]
    assert [(item["code"], item["path"], item["line"]) for item in found] == [("CM522", "script/bad/codecheck.yml", 1)]
    assert "manifest must be a list, got 5" in (built / "site/a/r/script/bad/index.html").read_text("utf-8")


def test_after_a_change_of_a_checked_file_the_pages_that_show_its_digest_are_made_anew(
    built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("CMSITE_CACHE", str(tmp_path / "cache"))
    build(built, "--no-cache")
    build(built)
    artifact, repository = (built / "site" / page / "index.html" for page in ("a/r/script/rain", "repository/r"))
    study = built / "r/script/rain/study"
    changed = study / "codecheck/outputs/fig-rain.pdf"  # The artifact's own page alone shows this one.
    changed.write_bytes(b"%PDF-1.5\n")
    settle(changed)
    assert refreshed(built) is not None
    assert hashlib.sha256(changed.read_bytes()).hexdigest() in artifact.read_text("utf-8")
    changed = study / "tables/rain.csv"  # The manifest at the root of the repository lists this one too.
    changed.write_bytes(b"month,rain\n1,3\n")
    settle(changed)
    assert refreshed(built) is None
    build(built)
    for page in (artifact, repository):
        assert hashlib.sha256(changed.read_bytes()).hexdigest() in page.read_text("utf-8")
