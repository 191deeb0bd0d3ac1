"""Prefixes of names bound to one registry: nobody else answers for them, by whatever way. Numbers: facts/index.md §4."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from cmsite.client import registries
from cmsite.client.query import parse_query
from cmsite.client.registries import registries_for
from cmsite.client.remote import resolve_in
from cmsite.errors import NotFoundError, UsageError
from cmsite.index.layout import ROOT_PATH
from cmsite.index.root import emit_root, parse_root
from cmsite.model.reference import parse_reference
from tests.hostile_server import HostileServer, hostile_server
from tests.index_values import digest, record, site_of


@dataclass
class World:
    """A public registry, asked first, that offers a name of the private one."""

    public: HostileServer
    private: HostileServer


@pytest.fixture
def world() -> Iterator[World]:
    with hostile_server() as public, hostile_server() as private:
        public.files |= site_of([record("acme-tool"), record("Acme-TOOL"), record("tool")])
        private.files |= site_of([record("acme-tool", repository="acme"), record("acme-own", repository="acme")])
        yield World(public=public, private=private)


def cmsite(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "cmsite", *arguments], capture_output=True, text=True, check=False)


def add_both(world: World, *prefixes: str) -> None:
    registries.add("public", world.public.url)
    registries.add("private", world.private.url, prefixes=prefixes)


def test_case_91_a_bound_prefix_is_answered_by_its_registry_only(world: World):
    add_both(world, "acme-")
    opened = registries.open_registries()
    registry, resolved = resolve_in(opened, "script:acme-tool")
    assert (registry.name, resolved.record.repository) == ("private", "acme")
    assert "script:acme-tool is not taken from public: names that begin so are bound to the registry private" in (
        opened[0].notes
    )
    assert resolve_in(opened, "script:tool")[0].name == "public"


def test_case_91_without_a_binding_the_first_registry_wins(world: World):
    add_both(world)
    registry, _ = resolve_in(registries.open_registries(), "script:acme-tool")
    assert registry.name == "public"


@pytest.mark.parametrize("text", ["script:acme-gone", "script:ACME-tool", "team/script:acme-tool"])
def test_case_91_a_name_that_the_owner_lacks_is_not_found_elsewhere(world: World, text: str):
    add_both(world, "acme-")
    with pytest.raises(NotFoundError):
        resolve_in(registries.open_registries(), text)


def test_case_91_neither_uid_nor_search_nor_page_leads_around_it(world: World):
    add_both(world, "acme-")
    public, private = registries.open_registries()
    uid = digest("Acme-TOOL")[:16]
    with pytest.raises(NotFoundError):
        resolve_in((public, private), uid)
    with pytest.raises(NotFoundError):
        public.resolve(f"{world.public.url}a/team/script/acme-tool/")
    assert [hit.record.name for hit in public.search(parse_query(["tool"])).hits] == ["script:tool"]
    assert [one.name for one in public.records()] == ["script:tool"]
    assert [hit.record.name for hit in private.search(parse_query(["tool"])).hits] == ["script:acme-tool"]


def test_case_91_an_address_given_by_hand_is_no_way_around_it(world: World):
    registries.add("private", world.private.url, prefixes=["acme-"])
    (public,) = registries.open_registries(world.public.url)
    with pytest.raises(NotFoundError):
        public.resolve("script:acme-tool")
    (page,) = registries_for([parse_reference(f"{world.public.url}a/team/script/acme-tool/")])
    with pytest.raises(NotFoundError):
        page.resolve(f"{world.public.url}a/team/script/acme-tool/")


def test_a_prefix_with_its_automation_binds_that_automation(world: World):
    world.public.files |= site_of([record("acme-tool"), record("acme-tool", automation="data", uid="1" * 16)])
    add_both(world, "script:acme-")
    opened = registries.open_registries()
    assert resolve_in(opened, "data:acme-tool")[0].name == "public"
    assert resolve_in(opened, "script:acme-tool")[0].name == "private"


@pytest.mark.parametrize("prefix", ["", "a", "-a", "acme-*", "a:b:c", "../x", "script:", "é-"])
def test_prefixes_that_are_none(world: World, prefix: str):
    with pytest.raises(UsageError, match=r"is no prefix of names: at least two of letters"):
        registries.add("private", world.private.url, prefixes=[prefix])
    assert registries.configured() == ()


@pytest.mark.parametrize("prefix", ["acme-", "ACME-", "ac", "acme-x", "script:acme-", "data:ac"])
def test_a_prefix_belongs_to_one_registry(world: World, prefix: str):
    registries.add("private", world.private.url, prefixes=["acme-"])
    with pytest.raises(UsageError, match=r"overlaps with 'acme-', which is bound to private"):
        registries.add("public", world.public.url, prefixes=[prefix])


def test_prefixes_are_kept_and_replaced(world: World):
    add_both(world, "acme-", "script:x-")
    registries.add("private", world.private.url)
    assert registries.configured()[1].prefixes == ("acme-", "script:x-")
    registries.add("private", world.private.url, prefixes=["b-"])
    assert registries.configured()[1].prefixes == ("b-",)
    assert [known.name for known in registries.configured()] == ["public", "private"]


def test_the_commands(world: World):
    done = cmsite("registry", "add", "private", world.private.url, "--prefix", "acme-", "--prefix", "data:own-")
    assert done.returncode == 0
    assert done.stdout.splitlines()[1] == "names that begin with acme- or data:own- come from private only"
    assert cmsite("registry", "list").stdout.rstrip().endswith("  only acme- data:own-")
    rows = json.loads(cmsite("registry", "list", "--json").stdout)["registries"]
    assert rows[0]["prefixes"] == ["acme-", "data:own-"]
    done = cmsite("show", "script:acme-tool", "--registry", world.public.url)
    assert done.returncode == 4
    done = cmsite("search", "tool", "--registry", world.public.url)
    assert done.stdout.split()[0] == "script:tool"
    assert "script:acme-tool is not taken from" in done.stderr
    assert cmsite("registry", "add", "other", world.public.url, "--prefix", "acme").returncode == 2


def test_offline_and_strict_are_options_of_the_commands(world: World):
    arguments = ("search", "tool", "--registry", world.public.url)
    done = cmsite(*arguments, "--offline")
    assert done.returncode == 5
    assert "is not in the cache, and nothing is fetched offline" in done.stderr
    assert world.public.asked == []
    assert cmsite(*arguments).returncode == 0
    asked = len(world.public.asked)
    assert "script:tool" in cmsite(*arguments, "--offline").stdout
    assert cmsite("show", "script:tool", "--registry", world.public.url, "--offline").returncode == 0
    assert len(world.public.asked) == asked
    root = parse_root(world.public.files[ROOT_PATH])
    world.public.files[ROOT_PATH] = emit_root(replace(root, expires_s=1))
    assert cmsite("registry", "remove", world.public.url).returncode == 0
    done = cmsite(*arguments)
    assert done.returncode == 0
    assert "expired on 1970-01-01" in done.stderr
    done = cmsite(*arguments, "--strict")
    assert done.returncode == 6
    assert "refused, as --strict says" in done.stderr
