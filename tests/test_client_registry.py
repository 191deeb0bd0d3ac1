"""A registry over HTTP: resolving, searching, trust, cache, stale roots. Numbers: facts/index.md §4."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cmsite.client import registries
from cmsite.client.cache import Cache
from cmsite.client.fetching import TransportLimits
from cmsite.client.query import parse_query
from cmsite.client.remote import RemoteRegistry, resolve_in
from cmsite.client.transport import Transport
from cmsite.client.trust import TrustStore
from cmsite.errors import ConfigurationError, IntegrityError, NetworkError, NotFoundError, OutputError, UsageError
from cmsite.index.layout import ROOT_PATH, archive_path, blob_path
from cmsite.index.licenses import emit_licenses
from cmsite.index.records import Status
from cmsite.index.root import Root, emit_root, parse_root
from cmsite.model.reference import parse_reference
from tests.hostile_server import HostileServer, answer, hostile_server, in_turn
from tests.index_values import digest, many, record, site_of, version
from tests.requirements import need
from tests.serving import served_by_nginx

LIMITS = TransportLimits(connect_s=60, stall_s=60, total_s=120, attempts=2, backoff_s=0.01)


@pytest.fixture
def world() -> Iterator[HostileServer]:
    with hostile_server() as server:
        yield server


@pytest.fixture
def open_it(world: HostileServer, tmp_path: Path) -> Callable[..., RemoteRegistry]:
    """Return a function that opens the server's registry as a new process of the same user would."""

    def act(url: str = "", **more) -> RemoteRegistry:
        url = url or world.url
        cache, trust = Cache(more.pop("cache", tmp_path / "cache")), TrustStore(tmp_path / "config")
        return RemoteRegistry(url, transport=Transport(url, limits=LIMITS), cache=cache, trust=trust, **more)

    return act


def publish(world: HostileServer, records, **more) -> Root:
    """Put a generation on the server; the files of older ones stay."""
    site = site_of(records, **more)
    world.files |= site
    return parse_root(site[ROOT_PATH])


def test_a_cold_resolve_costs_root_node_and_leaf(world: HostileServer, open_it):
    publish(world, many(2000))
    resolved = open_it().resolve("script:artifact-7")
    assert resolved.record == record("artifact-7")
    assert len(world.asked) == 3
    assert sum(len(world.files[path]) for path in world.asked) < 30_000


def test_a_warm_resolve_costs_the_root(world: HostileServer, open_it):
    publish(world, many(2000))
    open_it().resolve("script:artifact-7")
    world.asked.clear()
    open_it().resolve("script:artifact-7")
    assert world.asked == [ROOT_PATH]


def test_a_small_registry_costs_two_requests(world: HostileServer, open_it):
    publish(world, many(20))
    registry = open_it()
    assert registry.resolve("script:artifact-7").record.alias == "artifact-7"
    assert registry.resolve(digest("artifact-8")[:16]).record.alias == "artifact-8"
    assert len(world.asked) == 2


@pytest.mark.parametrize("count", [20, 2000])
def test_every_form_of_reference_finds_the_same(world: HostileServer, open_it, count: int):
    publish(world, many(count))
    uid = digest("artifact-7")[:16]
    for text in (
        "script:artifact-7",
        "team/script:artifact-7",
        "script,5b4e0237da074764:artifact-7",
        "5b4e0237da074764:artifact-7",
        uid.upper(),
        f"artifact-7,{uid}",
        f"script:artifact-7,{uid}",
        "script:artifact-7@r1",
        f"script:artifact-7@sha256:{digest('tar team artifact-7')}",
        f"{uid}@r1",
        f"{world.url}a/team/script/artifact-7/",
        f"{world.url}a/team/script/artifact-7/index.html#files",
        f"{world.url}uid/{uid}/",
    ):
        assert open_it().resolve(text).record == record("artifact-7"), text


def test_an_automation_that_only_the_registry_knows_is_found_by_its_uid(world: HostileServer, open_it):
    own = record("mine", automation="house.rule", automation_uid="0123456789abcdef")
    publish(world, [*many(3), own])
    assert open_it().resolve("0123456789abcdef:mine").record == own
    assert open_it().resolve("house.rule,0123456789abcdef:mine").record == own


def test_not_found_offers_near_names(world: HostileServer, open_it):
    publish(world, [record("detect-os"), record("detect-cpu"), record("gone-os", status=Status.REMOVED)])
    with pytest.raises(NotFoundError, match=r"script:detectos: .* has no such artifact") as caught:
        open_it().resolve("script:detectos")
    assert caught.value.near[0] == "script:detect-os"
    assert "script:gone-os" not in caught.value.near


def test_a_name_that_holds_an_at_sign(world: HostileServer, open_it):
    publish(world, [record("mlcommons@ck", automation="repo")])
    assert open_it().resolve("repo:mlcommons@ck").record.alias == "mlcommons@ck"
    assert open_it().resolve("repo:mlcommons@ck@r1").record.alias == "mlcommons@ck"


def test_search(world: HostileServer, open_it):
    hits = [
        record("get-dataset-coco", tags=("get", "dataset", "coco")),
        record("coco", tags=("get",), description="All of COCO"),
        record("run", tags=("get", "dataset"), description="Runs on Cocoa"),
        record("gone", tags=("get", "coco"), status=Status.REMOVED),
        record("get-dataset-coco", repository="copy", rank=1, tags=("get", "dataset", "coco")),
    ]
    publish(world, hits)

    def found(*words: str, **more: str) -> list[str]:
        return [hit.record.alias for hit in open_it().search(parse_query(words, **more)).hits]

    assert found("coco") == ["coco", "get-dataset-coco", "run"]
    assert found("COCO", "data") == ["get-dataset-coco", "run"]
    assert found(tags="get,dataset") == ["run", "get-dataset-coco"]
    assert found(tags="get,-dataset") == ["coco"]
    assert found("coco", tags="Get") == []
    assert found("coco", automation="data") == []
    assert len(found()) == 3
    (hit, *_) = open_it().search(parse_query(["get-dataset-coco"])).hits
    assert [other.repository for other in hit.others] == ["copy"]


def test_search_is_not_fooled_by_escapes(world: HostileServer, open_it):
    quoted = record("quoted", tags=('say "hi"', "back\\slash", "é"), description="Größe STRASSE")
    publish(world, [quoted, *many(3)])
    for query in (
        parse_query([], 'say "hi"'),
        parse_query([], "back\\slash"),
        parse_query([], "é"),
        parse_query(["strasse", "grösse"]),
    ):
        assert [hit.record for hit in open_it().search(query).hits] == [quoted]


def test_the_archive_of_a_version(world: HostileServer, open_it, tmp_path: Path):
    content = b"packed bytes"
    sha256 = hashlib.sha256(content).hexdigest()
    one = replace(version(), archive_sha256=sha256, size_bytes=len(content))
    publish(world, [record(versions=(one,))])
    world.files[archive_path(sha256)] = content
    resolved = open_it().resolve("script:detect-os")
    assert open_it().archive(resolved.version).read_bytes() == content
    assert len(world.asked) == 4  # Two roots, `all`, the archive.
    assert open_it().archive(one).read_bytes() == content
    assert world.count(archive_path(sha256)) == 1


def test_case_43_right_hash_and_wrong_declared_size(world: HostileServer, open_it, tmp_path: Path):
    content = b"packed bytes"
    sha256 = hashlib.sha256(content).hexdigest()
    world.files[archive_path(sha256)] = content
    publish(world, many(1))
    for size_bytes, message in (
        (len(content) + 1, "12 bytes, the index states 13"),
        (3, "expected at most 3; refused"),
    ):
        with pytest.raises(IntegrityError, match=message):
            open_it().archive(replace(version(), archive_sha256=sha256, size_bytes=size_bytes))
    assert not any(path.is_file() and path.read_bytes() == content for path in (tmp_path / "cache").rglob("*"))


def test_an_archive_at_an_address_of_its_own(world: HostileServer, open_it, tmp_path: Path):
    content = b"elsewhere"
    sha256 = hashlib.sha256(content).hexdigest()
    publish(world, many(1))
    world.files["big/file.tar.gz"] = content
    there = replace(version(), archive_sha256=sha256, size_bytes=9, url=f"{world.url}big/file.tar.gz")
    assert open_it().archive(there).read_bytes() == content
    for url in ("file:///etc/passwd", "//x", "javascript:x"):
        with pytest.raises(IntegrityError, match="only http and https"):
            open_it(cache=tmp_path / "other-cache").archive(replace(there, url=url))
    with pytest.raises(NotFoundError, match="publishes only the record"):
        open_it().archive(replace(there, url=""))


def test_licences(world: HostileServer, open_it):
    sha256, blob = emit_licenses([("LICENSE", b"Apache-2.0")])
    publish(world, [record(licenses=sha256)])
    world.files[blob.path] = blob.content
    registry = open_it()
    found = registry.resolve("script:detect-os").record
    assert registry.licenses(found) == registry.licenses(found) == (("LICENSE", b"Apache-2.0"),)
    assert world.count(blob.path) == 1
    assert registry.licenses(record()) == ()


# What is no registry.


def test_no_registry_at_the_address(world: HostileServer, open_it):
    with pytest.raises(
        NetworkError, match=rf"no registry at {world.url}: {world.url}{ROOT_PATH}: .* 404.*without a page's path"
    ):
        open_it().records()


@pytest.mark.parametrize("page", [b"<!doctype html><h1>Not found</h1>", b"\n  <html>"])
def test_case_59_html_200_as_not_found(world: HostileServer, open_it, page: bytes):
    world.answers[ROOT_PATH] = answer(200, page, Content_Type="text/html")
    with pytest.raises(NetworkError, match=r"is a web site, but not a cmsite registry"):
        open_it().records()


def test_a_root_that_is_cut_or_none(world: HostileServer, open_it):
    publish(world, many(3))
    whole = world.files[ROOT_PATH]
    for data in (whole[:-5], b"{}", b"[]", b"null", b"", b"\xef\xbb\xbf" + whole):
        world.files[ROOT_PATH] = data
        with pytest.raises(IntegrityError, match=r"root\.json: "):
            open_it().records()


def test_a_server_that_fails(world: HostileServer, open_it):
    world.answers[ROOT_PATH] = answer(500)
    with pytest.raises(NetworkError, match="answered 500"):
        open_it().records()


def test_an_index_file_that_says_it_is_huge_is_not_fetched(world: HostileServer, open_it):
    root = publish(world, many(3))
    huge = replace(root, all=(root.all[0]._replace(size_bytes=2**40),))
    world.files[ROOT_PATH] = emit_root(huge)
    with pytest.raises(IntegrityError, match=r"b/.*: 1099511627776 bytes stated, at most 32000000"):
        open_it().records()
    assert world.asked == [ROOT_PATH]


def test_an_index_file_of_wrong_bytes_is_refused_and_not_kept(world: HostileServer, open_it):
    root = publish(world, many(3))
    path = blob_path(root.all[0].sha256)
    right = world.files[path]
    world.files[path] = right[:-1] + b"x"
    with pytest.raises(IntegrityError, match="damaged or tampered"):
        open_it().records()
    world.files[path] = right
    assert len(open_it().records()) == 3


# Trust.


def generations(world: HostileServer, number: int) -> list[bytes]:
    """Publish that many generations; return the bytes of each root."""
    roots: list[bytes] = []
    for count in range(1, number + 1):
        more = {"previous": parse_root(roots[-1])} if roots else {}
        publish(world, many(count), **more)
        roots.append(world.files[ROOT_PATH])
    return roots


def test_case_66_rollback(world: HostileServer, open_it):
    first, second = generations(world, 2)
    assert len(open_it().records()) == 2
    world.files[ROOT_PATH] = first
    with pytest.raises(IntegrityError, match=r"generation 1 was offered, generation 2 was seen before"):
        open_it().records()
    world.files[ROOT_PATH] = second
    assert len(open_it().records()) == 2


def test_case_66_a_preview_is_no_way_back(world: HostileServer, open_it):
    generations(world, 1)
    open_it().records()
    publish(world, many(5), first=False)
    with pytest.raises(IntegrityError, match=r"generation 0 was offered, generation 1 was seen"):
        open_it().records()


def test_case_70_two_roots_of_one_generation(world: HostileServer, open_it):
    publish(world, many(1))
    open_it().records()
    publish(world, many(2))
    with pytest.raises(IntegrityError, match="two catalogues bear one number"):
        open_it().records()


def test_case_71_a_changed_registry_id(world: HostileServer, open_it):
    root = publish(world, many(1))
    open_it().records()
    world.files[ROOT_PATH] = emit_root(replace(root, registry_id="f" * 32, gen=9))
    with pytest.raises(IntegrityError, match=rf"the registry there is f{{32}}, expected {root.registry_id}"):
        open_it().records()


def test_case_71_a_registry_id_that_is_not_the_configured_one(world: HostileServer, open_it):
    publish(world, many(1))
    with pytest.raises(IntegrityError, match=r"configured was f{32}.*cmsite registry remove"):
        open_it(registry_id="f" * 32).records()


def test_a_preview_leaves_no_state_and_says_so(world: HostileServer, open_it, tmp_path: Path):
    publish(world, many(2), first=False)
    registry = open_it()
    registry.records()
    assert "is a preview" in registry.notes[0]
    assert not (tmp_path / "config").exists()
    publish(world, many(1), first=False)
    assert len(open_it().records()) == 1


def test_a_damaged_state_is_not_forgotten_in_silence(world: HostileServer, open_it, tmp_path: Path):
    publish(world, many(1))
    open_it().records()
    (state,) = (tmp_path / "config" / "trust").iterdir()
    state.write_text("{}")
    with pytest.raises(
        OutputError, match=r"registry_id: expected a string.*delete this file to trust the registry anew"
    ):
        open_it().records()


def test_a_refused_root_is_not_remembered(world: HostileServer, open_it, tmp_path: Path):
    generations(world, 2)
    open_it().records()
    (state,) = (tmp_path / "config" / "trust").iterdir()
    before = state.read_bytes()
    world.files[ROOT_PATH] = world.files[ROOT_PATH].replace(b'"gen":2', b'"gen":1')
    with pytest.raises(IntegrityError):
        open_it().records()
    assert state.read_bytes() == before


def test_case_73_a_stale_root_and_a_deleted_file(world: HostileServer, open_it):
    first, second = generations(world, 2)
    old, new = (blob_path(parse_root(data).all[0].sha256) for data in (first, second))
    del world.files[old]
    world.answers[ROOT_PATH] = in_turn(answer(200, first), answer(200, second))
    assert len(open_it().records()) == 2
    assert world.asked == [ROOT_PATH, old, ROOT_PATH, new]
    assert world.headers[2]["cache-control"] == "no-cache"


def test_case_73_an_incomplete_site_fails_by_name(world: HostileServer, open_it):
    root = publish(world, many(3))
    path = blob_path(root.all[0].sha256)
    del world.files[path]
    with pytest.raises(NetworkError, match=rf"generation 1 names a file that is not there: .*{path}.*incomplete"):
        open_it().records()
    assert world.count(ROOT_PATH) == 2


def test_case_99_a_poisoned_cache_is_mended(world: HostileServer, open_it, tmp_path: Path):
    publish(world, many(3))
    open_it().records()
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(b"poison")
    assert len(open_it().records()) == 3


def test_case_39_a_cache_that_cannot_be_written_only_costs_time(world: HostileServer, open_it, tmp_path: Path):
    content = b"packed bytes"
    sha256 = hashlib.sha256(content).hexdigest()
    world.files[archive_path(sha256)] = content
    publish(world, many(3))
    (tmp_path / "a file").write_text("no folder")
    registry = open_it(cache=tmp_path / "a file")
    assert len(registry.records()) == 3
    one = replace(version(), archive_sha256=sha256, size_bytes=len(content))
    assert registry.archive(one).read_bytes() == content
    assert registry.archive(one).read_bytes() == content
    assert world.count(archive_path(sha256)) == 1
    (note,) = registry.notes
    assert "cannot be written" in note
    assert "CMSITE_CACHE" in note


def test_a_mirror_helps_where_the_registry_lacks_a_file(world: HostileServer, open_it, tmp_path: Path):
    with hostile_server() as mirror:
        site = site_of(many(3), bases=(mirror.url,))
        world.files[ROOT_PATH] = site.pop(ROOT_PATH)
        mirror.files |= site
        assert len(open_it().records()) == 3
        mirror.files |= {path: b"x" * len(data) for path, data in site.items()}
        with pytest.raises(NetworkError, match=world.url):
            open_it(cache=tmp_path / "other-cache").records()


def test_case_91_the_first_registry_that_has_the_name_wins(world: HostileServer, open_it):
    with hostile_server() as other:
        yanked = record(versions=(version(yanked="broken"),))
        publish(world, [yanked])
        publish(other, [record(), record("only-there")])
        both = [open_it(), open_it(other.url)]
        with pytest.raises(NotFoundError, match=r"every revision .* is yanked \(broken\)"):
            resolve_in(both, "script:detect-os")
        registry, resolved = resolve_in(both, "script:only-there")
        assert (registry.url, resolved.record.alias) == (other.url, "only-there")
        with pytest.raises(NotFoundError, match=rf"no such artifact in {world.url}, {other.url}") as caught:
            resolve_in(both, "script:only-their")
        assert caught.value.near[0] == "script:only-there"


@pytest.mark.server
def test_nginx_serves_a_registry(open_it, tmp_path: Path):
    nginx = need("nginx")
    site = tmp_path / "site"
    for path, content in site_of(many(400)).items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
    with served_by_nginx(nginx, site, tmp_path) as url:
        assert open_it(url).resolve("script:artifact-399").record.alias == "artifact-399"
        assert len(open_it(url).records()) == 400
        assert open_it(url).search(parse_query(["artifact"])).total == 400
        with pytest.raises(NetworkError, match="no registry at"):
            open_it(url + "nothing/").records()


# Configured registries; the configuration folder is the test's own.


def test_adding_listing_and_removing(world: HostileServer, tmp_path: Path):
    root = publish(world, many(2))
    with pytest.raises(
        ConfigurationError, match="no registry is configured; add one with `cmsite registry add NAME URL`"
    ):
        registries.open_registries()
    saved, remote = registries.add("main", f"{world.url}index.html", f"sha256:{root.sha256}")
    assert saved.url == world.url
    assert remote.root == root
    assert registries.configured() == (saved,)
    (opened,) = registries.open_registries()
    assert (opened.name, len(opened.records())) == ("main", 2)
    assert registries.open_registries("main")[0].url == world.url
    assert registries.open_registries(world.url)[0].name == "main"
    with pytest.raises(NotFoundError, match="neither a configured registry nor a folder") as caught:
        registries.open_registries("mian")
    assert caught.value.near == ("main",)
    with pytest.raises(NotFoundError) as caught:
        registries.remove("mian")
    assert caught.value.near == ("main",)
    assert registries.remove("main") == saved
    assert registries.configured() == ()


def test_a_registry_that_fails_its_checks_is_not_added(world: HostileServer):
    with pytest.raises(NetworkError, match="no registry at"):
        registries.add("main", world.url)
    root = publish(world, many(2))
    with pytest.raises(
        IntegrityError, match=rf"fingerprint of root.json is sha256:{root.sha256} .* expected sha256:0{{64}}"
    ):
        registries.add("main", world.url, "sha256:" + "0" * 64)
    with pytest.raises(UsageError, match="no fingerprint: expected sha256: and 64"):
        registries.add("main", world.url, "md5:1")
    with pytest.raises(UsageError, match="is no name for a registry"):
        registries.add("../main", world.url)
    with pytest.raises(UsageError, match="is not stored") as caught:
        registries.add("main", world.url.replace("//", "//ada:secret@"))
    assert "secret" not in str(caught.value)
    assert registries.configured() == ()


def test_a_name_is_not_taken_twice_in_silence(world: HostileServer):
    publish(world, many(2))
    registries.add("main", world.url)
    registries.add("main", world.url)
    assert len(registries.configured()) == 1
    with hostile_server() as other:
        publish(other, many(1))
        with pytest.raises(UsageError, match="configured with another address"):
            registries.add("main", other.url)


def test_removing_forgets_the_state(world: HostileServer):
    first, second = generations(world, 2)
    registries.add("main", world.url)
    world.files[ROOT_PATH] = first
    with pytest.raises(IntegrityError, match="generation 1 was offered"):
        registries.open_registries("main")[0].records()
    registries.remove("main")
    assert len(registries.open_registries(world.url)[0].records()) == 1
    world.files[ROOT_PATH] = second
    assert len(registries.open_registries(world.url)[0].records()) == 2
    assert registries.remove(world.url) is None
    world.files[ROOT_PATH] = first
    assert len(registries.open_registries(world.url)[0].records()) == 1


def test_a_folder_is_a_registry_and_leaves_no_state(tmp_path: Path, isolated: Path):
    site = tmp_path / "my site"
    for path, content in site_of(many(3)).items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
    (registry,) = registries.open_registries(str(site))
    assert registry.resolve("script:artifact-1").record.alias == "artifact-1"
    assert not (isolated / ".config" / "cmsite" / "trust").exists()
    with pytest.raises(UsageError, match=r"holds no cm-index/v1/root.json"):
        registries.open_registries(str(tmp_path))


def test_a_page_brings_its_registry_and_offers_to_add_it(world: HostileServer):
    publish(world, many(3))
    page = parse_reference(f"{world.url}a/team/script/artifact-1/")
    (registry,) = registries.registries_for([page])
    assert registry.notes == [f"{world.url} is not configured; `cmsite registry add NAME {world.url}` adds it"]
    assert registry.resolve(page).record.alias == "artifact-1"
    registries.add("main", world.url)
    (registry,) = registries.registries_for([page])
    assert (registry.name, registry.notes) == ("main", [])
    with pytest.raises(UsageError, match="not mixed with names"):
        registries.registries_for([page, parse_reference("script:x")])


def test_a_damaged_configuration_names_its_file(isolated: Path):
    path = isolated / ".config" / "cmsite" / "registries.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"registries": [{"name": 3}]}))
    with pytest.raises(ConfigurationError, match=r"registries.json: registries\[0\].name: expected a string"):
        registries.configured()
