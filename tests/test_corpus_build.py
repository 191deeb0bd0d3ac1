"""The five corpora built together, then pulled from a real server and found by the real clients.

Counts: facts of the corpora's MANIFEST.json commits (347 + 371 + 1,354 + 1,224 + 651 artifacts).
"""

import hashlib
import json
import os
import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import jsonschema_rs
import pytest

from cmsite.index.read import read_index
from tests.requirements import CHECKOUT, need
from tests.schema_vocabulary import problems
from tests.serving import served_by_nginx
from tests.site_kinds import CORPORA_ADDRESS, corpora_site
from tests.test_build import run
from tests.test_machines import addresses

pytestmark = pytest.mark.corpus

BASE = CORPORA_ADDRESS


@pytest.fixture(scope="module")
def site() -> Path:
    return corpora_site()


def records(site: Path):
    return read_index(lambda path: (site / path).read_bytes()).records


def test_every_artifact_of_the_five_repositories_has_its_page_and_archive(site):
    found = records(site)
    assert len(found) == 347 + 371 + 1354 + 1224 + 651
    assert Counter(record.format for record in found) == {"ck": 1354 + 131, "cm": 347 + 1093 + 651, "mlc": 371}
    cm_or_mlc = [record for record in found if record.format != "ck"]
    assert len(cm_or_mlc) == 2462
    assert len({(record.automation_uid, record.uid) for record in cm_or_mlc}) == 1542
    for record in found:
        assert (site / "artifacts" / f"{record.versions[-1].archive_sha256}.tar.gz").is_file()
    pages = sum(1 for _ in (site / "a").rglob("index.html"))
    assert pages == len(found)


def test_a_pull_takes_the_first_repository_names_the_others_and_the_real_clients_find_it(site, tmp_path):
    nginx, cm, mlc = need("nginx"), need("cm"), need("mlc")
    with served_by_nginx(nginx, site, tmp_path) as address:
        pulled = run("pull", "script:detect-os", "--registry", address, "--into", tmp_path / "artifacts", "--json")
    assert pulled.returncode == 0, pulled.stderr
    (artifact,) = json.loads(pulled.stdout)["artifacts"]
    assert artifact["repository"] == "mlcommons@cm4mlops"
    assert "mlcommons@mlperf-automations" in pulled.stderr
    assert run("verify", tmp_path / "artifacts").returncode == 0

    def client(program: Path, *arguments: str) -> str:
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [program, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PATH": path},
        )
        return done.stdout + done.stderr

    folder = tmp_path / "artifacts" / "script" / "detect-os"
    subprocess.run([cm, "init", "repo"], cwd=tmp_path / "artifacts", capture_output=True, check=True)
    assert str(folder) in client(cm, "find", "script,5b4e0237da074764", "detect-os", "--common")
    client(mlc, "add", "repo", str(tmp_path / "artifacts"))
    assert str(folder) in client(mlc, "find", "script", "detect-os")


class _Blocks(HTMLParser):
    """Collects the blocks of data and the links of a head."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.manifests: list[str] = []
        self._within = False
        self.feed(html.partition("</head>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._within = tag == "script" and values.get("type") == "application/ld+json"
        if tag == "link" and values.get("type") == "application/json":
            self.manifests.append(str(values["href"]))

    def handle_data(self, data: str) -> None:
        if self._within:
            self.blocks.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._within = False


def test_machines_read_every_page_and_manifest(site):
    schema = jsonschema_rs.Draft202012Validator(json.loads((CHECKOUT / "docs/manifest.schema.json").read_text()))
    kinds: Counter[str] = Counter()
    seen = set()
    for page in (site / "a").rglob("index.html"):
        head = _Blocks(page.read_text("utf-8"))
        (block,), (manifest,) = head.blocks, head.manifests
        document = json.loads(block)
        assert document.pop("@context") == "https://schema.org"
        for node in document.pop("@graph", [document]):
            assert list(problems(node)) == [], page
            kinds[node["@type"]] += 1
        path = (page.parent / manifest).resolve()
        content = path.read_bytes()
        assert path.stem == hashlib.sha256(content).hexdigest()
        found = json.loads(content)
        schema.validate(found)
        assert site / found["page"] == page.parent
        seen.add(path)
    assert len(seen) == len(records(site))
    assert kinds["BreadcrumbList"] == len(seen)
    assert {"SoftwareSourceCode", "Dataset", "ProfilePage", "Report", "CreativeWork"} < set(kinds)


def test_the_sitemap_names_every_page_of_the_corpora(site):
    found = {address for address, _ in addresses((site / "sitemap.xml").read_bytes())}
    pages = {path.parent.relative_to(site).as_posix() for path in site.rglob("index.html")}
    assert found == {BASE + (f"{page}/" if page != "." else "") for page in pages}


MAX_PAGE_BYTES = 40_000  # Of HTML beyond the texts a repository brings: issue 3.


def test_no_page_of_an_artifact_is_heavier_than_40_kb_beyond_its_texts(site):
    heavy = {}
    for page in (site / "a").rglob("index.html"):
        if (
            page.stat().st_size > MAX_PAGE_BYTES
            and (left := len(without_texts(page.read_text("utf-8")).encode())) > MAX_PAGE_BYTES
        ):
            heavy[page.parent.name] = left
    assert heavy == {}


def without_texts(page: str) -> str:
    """Return a page without what stands in its `cm-text` elements."""
    kept, rest = [], page
    while found := re.search(r'<div class="cm-text">', rest):
        kept.append(rest[: found.end()])
        rest, depth = rest[found.end() :], 1
        for tag in re.finditer(r"<(/?)div\b", rest):
            depth += -1 if tag.group(1) else 1
            if depth == 0:
                rest = rest[tag.start() :]
                break
    return "".join((*kept, rest))


def test_every_script_has_a_description_commands_and_what_it_does_at_run_time(site):
    pages = [page.read_text("utf-8") for page in sorted(site.glob("a/mlcommons-cm4mlops-*/script/*/index.html"))]
    by_repository = Counter("mlcommons@cm4mlops-2" in page.partition("<h1")[0] for page in pages)
    pages = [page for page in pages if "mlcommons@cm4mlops-2" not in page.partition("<h1")[0]]
    assert len(pages) == 295, by_repository
    assert all(re.search(r'<p class="cm-lead">[^<]{8}', page) for page in pages)
    assert all('<pre id="pull-command"><code>cmsite pull ' in page for page in pages)
    assert all("cm run script " in page and "sha256sum -c" in page for page in pages)
    assert all('<h2 id="at-run-time">' in page for page in pages)
    assert sum("At most one of" in page for page in pages) == 116
    assert sum("</code> <b>default</b>" in page for page in pages) == 105
    assert sum('<h2 id="choose-version">' in page for page in pages) == 53
    assert sum('<svg class="cm-graph"' in page for page in pages) == 281
