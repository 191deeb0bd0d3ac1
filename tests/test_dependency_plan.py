"""The closure of dependencies: what is taken and why, what is left out and why; hostile ones cost no more than their size."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmsite.client import dependencies as closure
from cmsite.client.dependencies import plan_dependencies, refuse_useless_choices
from cmsite.client.dependency_plan import Chosen, DependencyPlan, Why, Wishes
from cmsite.client.resolve import Resolved
from cmsite.client.variations import chosen_variations, open_sections
from cmsite.errors import IntegrityError, UsageError
from cmsite.index.dependencies import Dependencies, Need, VariationRule
from cmsite.index.records import Record, Status
from cmsite.model.reference import parse_reference
from tests.index_values import digest, record, version


class Shelf:
    """A registry in memory: artifacts by name with what they need; it counts how often it is asked."""

    def __init__(self, *records: Record) -> None:
        self.by_name: dict[str, Record] = {}
        self.needs: dict[tuple[str, str, str], Dependencies] = {}
        self.waves = 0
        for one in records:
            self.add(one)

    def add(self, one: Record, *needs: Need, **more: object) -> Record:
        if needs or more:
            self.needs[one.key] = Dependencies(needs=needs, **more)  # type: ignore[arg-type]
            one = replace(one, dependencies=digest(str(one.key)))
        self.by_name[f"{one.repository}/{one.name}"] = one
        return one

    def records(self, references: Sequence[str]) -> Mapping[str, Record]:
        return {name: self.by_name[name] for name in references if name in self.by_name}

    def dependencies(self, records: Sequence[Record]) -> Sequence[Dependencies]:
        self.waves += 1
        return [self.needs[one.key] for one in records]


def need(*aliases: str, selection: str = "", resolution: str = "", **more: str) -> Need:
    words = {0: "dangling", 1: "found"}.get(len(aliases), "alternatives")
    targets = tuple(alias if "/" in alias else f"team/script:{alias}" for alias in aliases)
    return Need("deps", selection or ",".join(aliases) or "no,thing", resolution or words, targets, **more)  # type: ignore[arg-type]


def plan(
    shelf: Shelf,
    *asked: str,
    all_deps: bool = False,
    present: frozenset[str] = frozenset(),
    choose: Mapping[str, str] = MappingProxyType({}),
) -> DependencyPlan:
    """Return the plan; an asked name may carry `,_variation`."""
    parsed = [parse_reference(f"team/script:{name}") for name in asked]
    resolved = [
        (Resolved(record=one, version=one.versions[-1]), reference.variations)
        for reference in parsed
        for one in [shelf.by_name[f"team/script:{reference.name.alias}"]]
    ]
    wanted = {
        frozenset(tags.split(",")): tuple(Chosen(f"{tags}={name}", parse_reference(name)) for name in text.split())
        for tags, text in choose.items()
    }
    return plan_dependencies(resolved, shelf, Wishes(all_deps=all_deps, choices=wanted, present=present))


def taken(made: DependencyPlan) -> list[str]:
    return [item.resolved.record.alias for item in made.taken]


def left_out(made: DependencyPlan) -> list[tuple[str, str]]:
    return [(item.need.selection, item.why.name) for item in made.left_out]


def test_what_is_needed_always_comes_along_with_the_path_to_it():
    shelf = Shelf(record("python"))
    shelf.add(record("lib"), need("python"))
    shelf.add(record("app"), need("lib"))
    made = plan(shelf, "app")
    assert taken(made) == ["app", "lib", "python"]
    assert made.taken[0].reason is None
    assert made.taken[2].path == ("team/script:app", "team/script:lib", "team/script:python")
    reason = made.taken[2].reason
    assert reason is not None
    assert (reason.source, reason.need.selection) == (("team", "script", "lib"), "python")


def test_conditional_entries_are_named_and_come_along_on_demand_only():
    shelf = Shelf(record("cuda"), record("docker"), record("old"))
    conditional = (
        need("cuda", condition="if A is b"),
        need("docker", within="docker"),
        need("old", within="version 1.0"),
    )
    shelf.add(record("app"), *conditional)
    made = plan(shelf, "app")
    assert taken(made) == ["app"]
    assert left_out(made) == [("cuda", "CONDITIONAL"), ("docker", "NOT_CHOSEN"), ("old", "NOT_CHOSEN")]
    made = plan(shelf, "app", all_deps=True)
    assert (taken(made), made.left_out) == (["app", "cuda", "docker", "old"], ())


def test_what_comes_along_anyway_is_not_named_as_left_out():
    shelf = Shelf(record("python"), record("gcc"), record("llvm"))
    shelf.add(record("app"), need("python"), need("python", condition="if A is b"), need("gcc", "llvm"), need("gcc"))
    assert left_out(plan(shelf, "app")) == []
    shelf.add(record("other"), need("gcc", "llvm"))
    assert left_out(plan(shelf, "other")) == [("gcc,llvm", "ALTERNATIVES")]
    assert left_out(plan(shelf, "other", "llvm")) == []
    assert left_out(plan(shelf, "other", present=frozenset({"team/script:llvm"}))) == []


def test_one_of_several_is_chosen_by_its_tags():
    shelf = Shelf(record("gcc"), record("llvm"))
    shelf.add(record("app"), need("gcc", "llvm", selection="get,compiler,_fast"))
    made = plan(shelf, "app")
    assert [question.need.targets for question in made.questions] == [("team/script:gcc", "team/script:llvm")]
    made = plan(shelf, "app", choose={"get,compiler": "script:llvm,_new"})
    assert taken(made) == ["app", "llvm"]
    assert made.taken[1].variations == ("fast", "new")
    assert made.questions == ()


def test_of_several_choices_the_first_that_matches_is_taken():
    shelf = Shelf(record("gcc"), record("llvm"), record("cl"))
    shelf.add(
        record("app"), need("gcc", "llvm", selection="get,compiler"), need("cl", "llvm", selection="compiler,get")
    )
    made = plan(shelf, "app", choose={"get,compiler": "script:gcc script:llvm"})
    assert taken(made) == ["app", "gcc", "llvm"]
    refuse_useless_choices([made])


def test_a_choice_for_a_conditional_entry_takes_it():
    shelf = Shelf(record("gcc"), record("llvm"))
    shelf.add(record("app"), need("gcc", "llvm", selection="get,compiler", condition="unless A is b"))
    assert left_out(plan(shelf, "app")) == [("get,compiler", "CONDITIONAL")]
    assert taken(plan(shelf, "app", choose={"get,compiler": "script:gcc"})) == ["app", "gcc"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"get,compiler": "script:ada"}, "not among the artifacts that match: team/script:gcc, team/script:llvm"),
        (
            {"get,compilers": "script:gcc"},
            "no dependency with several matches has these tags; there is a choice for get,compiler",
        ),
    ],
)
def test_a_choice_that_chooses_nothing_is_refused(choice: dict[str, str], message: str):
    shelf = Shelf(record("gcc"), record("llvm"), record("ada"))
    shelf.add(record("app"), need("gcc", "llvm", selection="get,compiler"))
    with pytest.raises(UsageError) as raised:
        refuse_useless_choices([plan(shelf, "app", choose=choice)])
    assert message in str(raised.value)


def test_what_cannot_be_resolved_is_named_with_why():
    shelf = Shelf(record("gone", status=Status.QUARANTINED), record("yanked", versions=(version(yanked="leak"),)))
    shelf.add(record("other-client", format="mlc"))
    shelf.add(
        record("app"),
        need(),
        need("elsewhere"),
        need(resolution="unresolved here", selection="a,b"),
        need("python", resolution="unknown variation", selection="python,_x"),
        need("gone"),
        need("yanked"),
        need("other-client"),
        need("a", "b", resolution="dynamic", selection="x,_y"),
        need(resolution="surprise", selection="s"),
    )
    made = plan(shelf, "app")
    assert taken(made) == ["app"]
    assert left_out(made) == [
        ("no,thing", "DANGLING"),
        ("a,b", "UNRESOLVED_HERE"),
        ("elsewhere", "UNRESOLVED_HERE"),
        ("python,_x", "UNKNOWN_VARIATION"),
        ("x,_y", "DYNAMIC"),
        ("other-client", "FOREIGN"),
        ("gone", "UNAVAILABLE"),
        ("s", "UNAVAILABLE"),
        ("yanked", "UNAVAILABLE"),
    ]
    details = {item.need.selection: item.detail for item in made.left_out}
    assert details["other-client"] == "team/script:other-client is mlc, not cm"
    assert "quarantined" in details["gone"]
    assert "leak" in details["yanked"]


def test_a_dynamic_entry_with_one_target_comes_along():
    shelf = Shelf(record("extract"))
    shelf.add(record("app"), need("extract", resolution="dynamic", selection="extract,_fast"))
    assert taken(plan(shelf, "app")) == ["app", "extract"]


def test_two_that_the_clients_would_take_for_one_do_not_both_come_along():
    shelf = Shelf(record("a", uid="1" * 16), record("b", uid="1" * 16), record("C"), record("c"))
    shelf.add(record("app"), need("a"), need("b"), need("C"), need("c"))
    made = plan(shelf, "app")
    assert taken(made) == ["app", "C", "a"]
    assert [(item.need.selection, item.why) for item in made.left_out] == [("b", Why.COLLIDES), ("c", Why.COLLIDES)]
    assert made.left_out[0].detail == f"team/script:b has the same uid {'1' * 16} as team/script:a"


def test_variations_of_what_is_asked_for_and_of_what_comes_along_open_their_entries():
    shelf = Shelf(record("onnx"), record("torch"), record("base"))
    shelf.add(record("model"), need("onnx", within="variation onnx"), need("torch", within="variation torch"))
    shelf.add(record("app"), need("model", within="variation fast", selection="model,_onnx"))
    assert taken(plan(shelf, "app")) == ["app"]
    made = plan(shelf, "app,_fast")
    assert taken(made) == ["app", "model", "onnx"]
    assert left_out(made) == [("torch", "NOT_CHOSEN")]
    assert taken(plan(shelf, "app,_fast", "model,_torch")) == ["app", "model", "onnx", "torch"]


RULES = (
    VariationRule("cpu", group="device", is_default=True),
    VariationRule("cuda", ("gpu",), group="device", fills=("fp16",)),
    VariationRule("fp32", group="precision", is_default=True),
    VariationRule("fp16", group="precision"),
    VariationRule("nvidia", ("cuda", "nvidia")),
    VariationRule("batch_size.#", group="batch"),
    VariationRule("half", alias="fp16"),
    VariationRule("nvidia,fp32", ("tensorrt",), fills=("batch_size.4",)),
)


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        ((), {"cpu", "fp32"}),
        (("cuda",), {"cuda", "gpu", "fp16"}),
        (("half",), {"half", "fp16", "cpu"}),
        (("cuda", "fp32"), {"cuda", "gpu", "fp32"}),
        (("nvidia",), {"nvidia", "cuda", "gpu", "fp16"}),
        (("batch_size.8",), {"batch_size.8", "batch_size.#", "cpu", "fp32"}),
        (("nvidia", "fp32"), {"nvidia", "cuda", "gpu", "fp32", "tensorrt", "batch_size.4", "batch_size.#"}),
        (("unknown",), {"unknown", "cpu", "fp32"}),
    ],
)
def test_variations_choose_others_as_the_clients_do(named: tuple[str, ...], chosen: set[str]):
    assert chosen_variations(Dependencies(variations=RULES), named) == chosen


def test_what_the_meta_fills_and_falls_back_to():
    some = Dependencies(variations=RULES, fills=("fp16",), fallback="cuda")
    assert chosen_variations(some, ()) == {"cuda", "gpu", "fp16"}
    assert chosen_variations(some, ("cpu",)) == {"cpu", "fp16"}


def test_which_sections_a_use_opens():
    within = ("variation a", "variation a,b", "variation a, docker", "docker", "version 1", "variation n.#", "")
    some = Dependencies(needs=tuple(need("x", within=name) for name in within))
    assert open_sections(some, within, ("a",)) == {"", "variation a"}
    assert open_sections(some, within, ("a", "b", "n.3")) == {"", "variation a", "variation a,b", "variation n.#"}


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(2, 40))
def test_the_closure_is_the_naive_one_and_the_same_in_any_order(seed: int, count: int):
    chance = random.Random(seed)
    names = [f"s{number}" for number in range(count)]
    entries = {name: tuple(_entry(chance, names) for _ in range(chance.randrange(5))) for name in names}
    asked = chance.sample(names, chance.randrange(1, min(4, count)))
    all_deps = chance.random() < 0.3
    plans = []
    for _ in range(2):
        shelf, order = Shelf(), list(names)
        chance.shuffle(order)
        for name in order:
            shelf.add(record(name), *entries[name])
        plans.append(plan(shelf, *sorted(asked), all_deps=all_deps))
    assert plans[0] == plans[1]
    expected = set(asked)
    while True:
        more = {
            entry.targets[0].rpartition(":")[2]
            for name in expected
            for entry in entries[name]
            if len(entry.targets) == 1 and (all_deps or not (entry.condition or entry.within))
        }
        if more <= expected:
            break
        expected |= more
    assert set(taken(plans[0])) == expected
    for item in plans[0].taken:  # Everything exists, and its path is one.
        assert item.path[-1] == f"team/script:{item.resolved.record.alias}"
        if item.reason is not None:
            source = item.reason.source[2]
            assert item.reason.need in entries[source]
            assert f"team/script:{source}" in item.path


def _entry(chance: random.Random, names: list[str]) -> Need:
    targets = chance.sample(names, chance.choice((0, 1, 1, 1, 1, 2)) if len(names) > 1 else 1)
    return need(*targets, condition=chance.choice(("", "", "if A is b")), within=chance.choice(("", "", "docker")))


def test_case_85_cycles_end():
    shelf = Shelf()
    for name, other in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "d")):
        shelf.add(record(name), need(other), need("d"), need(name))
    assert taken(plan(shelf, "a")) == ["a", "b", "c", "d"]


def test_case_85_a_chain_of_ten_thousand_is_followed_to_its_end_in_one_question_a_wave():
    shelf = Shelf(record("n10000"))
    for number in range(10_000):
        shelf.add(record(f"n{number}"), need(f"n{number + 1}"), need("n0"))
    made = plan(shelf, "n0")
    assert len(made.taken) == 10_001
    assert shelf.waves <= 10_002
    last = next(item for item in made.taken if item.resolved.record.alias == "n10000")
    assert len(last.path) == closure.MAX_PATH + 1
    assert last.path[:2] == ("team/script:n0", "team/script:n1")
    assert last.path[-2:] == ("team/script:n9999", "team/script:n10000")


def test_case_85_more_artifacts_than_the_limit_are_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(closure, "MAX_ARTIFACTS", 100)
    shelf = Shelf()
    for number in range(200):
        shelf.add(record(f"n{number}"), need(f"n{number + 1}"))
    with pytest.raises(IntegrityError, match="more than 100 artifacts, the last one team/script:n100"):
        plan(shelf, "n0")


def test_case_85_more_entries_than_the_limit_are_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(closure, "MAX_ENTRIES", 1000)
    shelf = Shelf(record("x"))
    shelf.add(record("wide"), *(need("x") for _ in range(1001)))
    with pytest.raises(IntegrityError, match="more than 1000 entries, the last ones of team/script:wide"):
        plan(shelf, "wide")


def test_case_85_variations_that_multiply_are_bounded(monkeypatch: pytest.MonkeyPatch):
    """Each use of a script with many variations looks at all of them: so many uses are refused."""
    monkeypatch.setattr(closure, "MAX_WORK", 100_000)
    shelf = Shelf()
    rules = tuple(VariationRule(f"v{number}", (f"v{number + 1}",)) for number in range(1000))
    shelf.add(record("many"), need("many", within="variation v999"), variations=rules)
    shelf.add(record("app"), *(need("many", selection=f"many,_v{number},_w{number}") for number in range(500)))
    with pytest.raises(IntegrityError, match="variations of team/script:many are used in too many ways"):
        plan(shelf, "app")


def test_case_86_targets_that_name_nothing_sensible_are_left_out():
    shelf = Shelf()
    names = ("../../etc/passwd", "", ":", "/", "team/script:", "a" * 4000, "\x1b[31m", "team/script:..", "-rf")
    shelf.add(record("app"), *(Need("deps", name, "found", (name,)) for name in names))
    made = plan(shelf, "app")
    assert taken(made) == ["app"]
    assert {why for _, why in left_out(made)} == {"UNRESOLVED_HERE"}
