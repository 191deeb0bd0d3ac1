"""Rules between artifacts: bases, circles of dependencies; found in linear time, however the files are ordered."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.catalog.cycles import circles
from cmsite.catalog.dependencies import DependencyResolver
from cmsite.catalog.inheritance import MAX_LINKS
from cmsite.parallel import collector_off
from cmsite.pipeline.ingest import OpenedSource
from cmsite.pipeline.validate import validate_sources
from cmsite.validation.references import check_references
from tests.memory_tree import CMR, MemoryTree, script
from tests.test_validation import SPEC, findings

NODES = st.integers(min_value=0, max_value=6)
GRAPHS = st.dictionaries(NODES, st.lists(NODES, max_size=4), max_size=7)


def circles_by_trying(graph):
    """Return the circles of a small graph, each as the set of its nodes, by walking every way."""
    found = set()

    def walk(way):
        for target in graph.get(way[-1], ()):
            if target == way[0]:
                found.add(tuple(way))
            elif target not in way:
                walk([*way, target])

    for node in graph:
        walk([node])
    return found


def groups_of(all_circles):
    """Return which nodes reach each other: circles that share a node joined."""
    groups: list[set[int]] = []
    for circle in all_circles:
        joined = set(circle)
        for group in [group for group in groups if group & joined]:
            groups.remove(group)
            joined |= group
        groups.append(joined)
    return groups


@given(GRAPHS)
def test_circles_are_those_that_trying_every_way_finds(graph):
    every = circles_by_trying(graph)
    found = list(circles(graph))
    order = list(graph)
    groups = groups_of(every)
    assert len(found) == len(groups)
    for circle in found:
        assert circle in every
        group = next(group for group in groups if group >= set(circle))
        start = min(group, key=order.index)
        assert circle[0] == start
        assert len(circle) == min(len(other) for other in every if other[0] == start)


def based(name, number, base=""):
    text = script(name, f"{number:016x}", tags=name)
    return text + (f"_base: script::{base}\n" if base else "")


def chain(length, last=""):
    """Return `length` scripts each of which builds on the one before."""
    names = [f"s{number:06}" for number in range(length)]
    bases = [last, *names]
    return {f"script/{name}/_cm.yaml": based(name, number, bases[number]) for number, name in enumerate(names)} | {
        "cmr.yaml": CMR
    }


def codes(found):
    return [item.code for item in found]


@pytest.mark.parametrize("length", [1, 2, 3, 40])
def test_a_circle_of_bases_is_reported_once_at_each_member(length):
    found = findings(chain(length, last=f"s{length - 1:06}"))
    assert codes(found) == ["CM306"] * length
    assert [(item.place.line, item.place.column, item.pointer) for item in found] == [(6, 1, "/_base")] * length
    assert len({item.path for item in found}) == length


def test_what_leads_into_a_circle_of_bases_is_not_reported_besides():
    files = chain(2, last="s000001")
    files["script/x/_cm.yaml"] = based("x", 99, "s000000")
    assert [item.path for item in findings(files)] == ["script/s000000/_cm.yaml", "script/s000001/_cm.yaml"]


def test_a_chain_is_too_long_where_cm_stops():
    assert findings(chain(MAX_LINKS + 1)) == ()
    (found,) = findings(chain(MAX_LINKS + 4))
    assert (found.code, found.path) == ("CM307", f"script/s{MAX_LINKS + 1:06}/_cm.yaml")
    assert found.message == "12 bases one after the other, and `cm` follows 11: it stops here; 2 more build on it"


def test_a_base_may_be_named_without_its_automation_or_by_its_uid_alone():
    base = script("base", "b" * 16)
    for name in ("base", "script::base", "5b4e0237da074764::base", f"script::{'b' * 16}", f"script::base,{'b' * 16}"):
        child = script("child", "c" * 16, rest=f"_base: '{name}'\n")
        assert findings({"cmr.yaml": CMR, "script/base/_cm.yaml": base, "script/child/_cm.yaml": child}) == (), name


@pytest.mark.parametrize("name", ["::base", "script::", "data::base", "other"])
def test_a_base_that_cm_would_not_find_is_an_error(name):
    child = script("child", "c" * 16, rest=f"_base: '{name}'\n")
    files = {"cmr.yaml": CMR, "script/base/_cm.yaml": script("base", "b" * 16), "script/child/_cm.yaml": child}
    (found,) = [item for item in findings(files) if item.code != "CM204"]
    assert (found.code, found.severity.word, found.place.line) == ("CM305", "error", 6)


def test_a_base_in_a_repository_that_is_not_at_hand_is_a_note():
    cmr = CMR + "deps: [{alias: other, uid: '5555666677778888'}]\n"
    files = {"cmr.yaml": cmr, "script/child/_cm.yaml": based("child", 1, "base")}
    (found,) = findings(files)
    assert (found.code, found.severity.word) == ("CM304", "note")
    other = {"cmr.yaml": "alias: other\nuid: '5555666677778888'\n", "script/base/_cm.yaml": based("base", 2)}
    assert findings(files, with_files=other) == ()


def needing(name, number, *entries):
    return script(name, f"{number:016x}", tags=name, rest="deps:\n" + "".join(f"- {entry}\n" for entry in entries))


def ring(length, entry="tags: {}"):
    names = [f"s{number:06}" for number in range(length)]
    return {
        f"script/{name}/_cm.yaml": needing(name, number, entry.format(names[number - 1]))
        for number, name in enumerate(names)
    } | {"cmr.yaml": CMR}


@pytest.mark.parametrize("length", [1, 2, 7, 30])
def test_circular_dependencies_are_reported_at_each_entry(length):
    found = findings(ring(length))
    assert codes(found) == ["CM308"] * length
    assert [(item.place.line, item.pointer) for item in found] == [(7, "/deps/0/tags")] * length
    assert "always followed: s000000 → " in found[0].message


@pytest.mark.parametrize(
    "entry",
    [
        "{{tags: {}, enable_if_env: {{A: [x]}}}}",
        "{{tags: {}, skip_if_any_env: {{A: [x]}}}}",
        "{{tags: {}, update_tags_from_env: [A]}}",
    ],
)
def test_circles_with_a_condition_are_usual(entry):
    assert findings(ring(3, entry)) == ()


def test_circles_through_a_variation_or_alternatives_are_usual():
    through = script("a", "a" * 16, tags="a", rest="variations:\n  x:\n    deps: [{tags: a}]\n")
    assert findings({"cmr.yaml": CMR, "script/a/_cm.yaml": through}) == ()
    several = {
        "cmr.yaml": CMR,
        "script/a/_cm.yaml": script("a", "a" * 16, tags="a, get", rest="deps: [{tags: get}]\n"),
        "script/b/_cm.yaml": script("b", "b" * 16, tags="b, get"),
    }
    assert codes(findings(several)) == ["CM303"]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(5)), st.data())
def test_findings_do_not_depend_on_the_order_of_files(order, data):
    bases = data.draw(st.lists(st.integers(min_value=-1, max_value=4), min_size=5, max_size=5))
    texts = [
        based(f"s{number}", number, f"s{bases[number]}" if bases[number] >= 0 else "")
        + f"deps: [{{tags: s{number * 2 % 5}}}]\n"
        for number in range(5)
    ]
    plain = {"cmr.yaml": CMR} | {f"script/s{number}/_cm.yaml": texts[number] for number in range(5)}
    mixed = {f"script/s{number}/_cm.yaml": texts[number] for number in order} | {"cmr.yaml": CMR}
    assert findings(plain) == findings(mixed)


@pytest.mark.parametrize("make", [chain, ring, lambda length: chain(length, last=f"s{length - 1:06}")])
def test_ten_times_the_artifacts_take_about_ten_times_as_long(make):
    def joined(length):
        result = validate_sources((OpenedSource(spec=SPEC, tree=MemoryTree(make(length))),), jobs=1)
        catalog = result.catalog
        return catalog, DependencyResolver(catalog.artifacts.values(), catalog.repositories, ())

    def seconds(length):
        catalog, resolver = joined(length)
        with collector_off():
            start = time.process_time()
            assert sum(1 for _ in check_references(catalog, resolver)) in {1, length}
            return time.process_time() - start

    assert seconds(10_000) < 30 * max(seconds(1_000), seconds(1_000))  # 100 times, were it quadratic.


def test_circles_of_every_small_graph_of_bases():
    for targets in itertools.product(range(-1, 4), repeat=4):
        graph = {node: [target] if target >= 0 else [] for node, target in enumerate(targets)}
        assert {frozenset(circle) for circle in circles(graph)} == {frozenset(one) for one in circles_by_trying(graph)}


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ("get,pyhton3", "; none has 'pyhton3'; did you mean 'python3'?"),
        ("get,zzz", "; none has 'zzz'"),
        ("python3,cuda", "deps: no script has the tags 'python3,cuda'"),  # There are both, and nothing has both.
        ("get-python3", "; 'get-python3' is the name of one with the tags 'get,python3'"),
    ],
)
def test_a_dangling_dependency_says_what_was_meant(tags, words):
    files = {
        "cmr.yaml": CMR,
        "script/get-python3/_cm.yaml": script("get-python3", "a" * 16, "get, python3"),
        "script/get-cuda/_cm.yaml": script("get-cuda", "b" * 16, "get, cuda"),
        "script/user/_cm.yaml": script("user", "c" * 16, "user", f"deps: [{{tags: '{tags}'}}]\n"),
    }
    (found,) = findings(files)
    assert found.code == "CM301"
    assert found.message.endswith(words)


def test_an_unknown_variation_is_named_alone_with_the_one_that_was_meant():
    files = {
        "cmr.yaml": CMR,
        "script/a/_cm.yaml": script("a", "a" * 16, "get", "variations: {r2-downloader: {}, fp32: {}, 'size.#': {}}\n"),
        "script/user/_cm.yaml": script(
            "user", "c" * 16, "user", "deps: [{tags: 'get,_fp32,_size.4,__r2-downloader'}]\n"
        ),
    }
    (found,) = findings(files)
    assert found.message == "deps: a has no variation __r2-downloader; did you mean 'r2-downloader'?"


def test_an_artifact_of_an_automation_that_nobody_holds_is_looked_for_elsewhere():
    task = (
        "alias: t\nuid: 'dddddddddddddddd'\nautomation_alias: flex.task\nautomation_uid: 3b7c4ac74c0647ee\ntags: [t]\n"
    )
    entry = "deps: [{automation: 'flex.cfg,a6533b79f7954a7a', artifact: mlperf}]\n"
    (found,) = [item for item in findings({"cmr.yaml": CMR, "flex.task/t/_cm.yaml": task + entry}) if item.code > "CM3"]
    assert (found.code, found.severity.word) == ("CM304", "note")
    held = "alias: other\nuid: 'eeeeeeeeeeeeeeee'\nautomation_alias: flex.cfg\nautomation_uid: a6533b79f7954a7a\ntags: [o]\n"
    files = {"cmr.yaml": CMR, "flex.task/t/_cm.yaml": task + entry, "flex.cfg/other/_cm.yaml": held}
    (found,) = [item for item in findings(files) if item.code > "CM3"]
    assert (found.code, found.message) == ("CM301", "deps: no flex.cfg is called 'mlperf'")


@pytest.mark.parametrize(
    ("dangling", "resolved", "code"), [(2, 0, "CM301"), (3, 0, "CM304"), (3, 2, "CM304"), (3, 3, "CM301")]
)
def test_a_repository_most_of_whose_dependencies_match_nothing_builds_on_another(dangling, resolved, code):
    entries = [f"{{tags: 'get,x{number}'}}" for number in range(dangling)] + ["{tags: own}"] * resolved
    files = {
        "cmr.yaml": CMR,
        "script/own/_cm.yaml": script("own", "a" * 16, "own"),
        "script/user/_cm.yaml": script(
            "user", "c" * 16, "user", "deps:\n" + "".join(f"- {entry}\n" for entry in entries)
        ),
    }
    found = findings(files)
    assert codes(found) == [code] * dangling
    other = {"cmr.yaml": "alias: other\nuid: '5555666677778888'\n"} | {
        f"script/x{number}/_cm.yaml": script(f"x{number}", f"{number:016x}", f"get, x{number}")
        for number in range(dangling)
    }
    assert findings(files, with_files=other) == ()


def test_a_meta_that_cannot_be_read_is_not_blamed_on_those_who_need_it():
    needing = script("use", "f" * 16, "use", "deps: [{tags: 'get,x'}]\n")
    files = {"cmr.yaml": CMR, "script/get-x/_cm.yaml": "alias: [\n", "script/use/_cm.yaml": needing}
    found = [(item.code, item.message) for item in findings(files)]
    assert found[0][0] == "CM002"
    assert found[1:] == [("CM304", "deps: 'get,x' may be script/get-x, which cannot be read")]
