"""The scripts of the tables compute what Python computes: expressions, fronts, conditions, order; on random cases, in Chromium."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from cmsite.results.expressions import ExpressionError, evaluate, parse_expression
from cmsite.results.fronts import pareto_front
from cmsite.results.row_data import shard_values
from tests.chromium import Browser, chromium
from tests.requirements import CHECKOUT

pytestmark = pytest.mark.browser

SCRIPTS = (
    "table-data.js",
    "table-groups.js",
    "table-expression.js",
    "table-fronts.js",
    "table-cells.js",
    "table-compare.js",
)
NUMBERS = ["0", "1", "2.5", ".5", "3.", "1e3", "2E-2", "1e400", "1e-400", "00", "1.2.3", "0x10", "١"]
SIGNS = [
    "+",
    "-",
    "*",
    "/",
    "(",
    ")",
    "--",
    "**",
    "[a]",
    "[b]",
    "[c]",
    "[nothing]",
    "[ ]",
    "[a",
    "]",
    " ",
    "\t",
    "\u00a0",
    "e",
    "[",
]
VALUES = [None, 0.0, -0.0, 1.0, -1.5, 3.25, 1e300, -1e300, 1e-300, 7.0]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("agreement")) as window:
        for name in SCRIPTS:
            text = (CHECKOUT / "site_templates" / "assets" / name).read_text("utf-8")
            window.devtools("Runtime.evaluate", expression=text)
        yield window


def expressions(draw: random.Random) -> Iterator[str]:
    """Yield expressions of the grammar, and texts that are nearly some."""
    for _ in range(400):
        yield _sum(draw, 3)
    for _ in range(400):
        yield "".join(draw.choice(SIGNS + NUMBERS) for _ in range(draw.randrange(8)))
    for depth in (1, 19, 20, 21, 22, 90):
        yield "(" * depth + "1" + ")" * depth
        yield "-" * depth + "[a]"
        yield "(-" * depth + "[a]" + ")" * depth
    yield from ("", "1" * 200, "1" * 201, "[a]" + " " * 197, "[a]" + " " * 198)


def _sum(draw: random.Random, depth: int) -> str:
    return draw.choice(["", " "]).join(
        [_product(draw, depth), *(draw.choice("+-") + _product(draw, depth) for _ in range(draw.randrange(3)))]
    )


def _product(draw: random.Random, depth: int) -> str:
    parts = [_atom(draw, depth), *(draw.choice("*/") + " " + _atom(draw, depth) for _ in range(draw.randrange(3)))]
    return "".join(parts)


def _atom(draw: random.Random, depth: int) -> str:
    kind = draw.randrange(5 if depth else 3)
    if kind == 4:
        return "-" + _atom(draw, depth - 1)
    return f"({_sum(draw, depth - 1)})" if kind == 3 else draw.choice(["[a]", "[b]", "[c]", *NUMBERS[:6]])


def test_expressions_are_read_and_computed_as_in_python(browser: Browser) -> None:
    draw = random.Random(4)
    columns = {name: [draw.choice(VALUES) for _ in range(60)] for name in "abc"}
    texts = list(expressions(draw))
    found = browser.run(
        """
        const columns = arguments[1];
        const numbers = (name) => Float64Array.from(columns[name] || columns.a.map(() => null), (one) => one === null ? NaN : one);
        return arguments[0].map((text) => {
          const parsed = cmsiteTableExpression.parse(text);
          if (parsed.problem) return null;
          return Array.from(cmsiteTableExpression.evaluate(parsed, 60, numbers), (one) => one === one ? one : null);
        });
        """,
        texts,
        columns,
    )
    expected = [_computed(text, columns) for text in texts]
    assert sum(one is None for one in expected) > 100
    assert sum(one is not None for one in expected) > 400
    for text, ours, python in zip(texts, found, expected, strict=True):
        assert ours == python, text


def _computed(text: str, columns: dict[str, list[float | None]]) -> list[float | None] | None:
    try:
        return evaluate(parse_expression(text), columns, 60)
    except ExpressionError:
        return None


def test_fronts_are_those_of_python(browser: Browser) -> None:
    draw = random.Random(5)
    cases: list[dict[str, Any]] = []
    for size in [*range(12), 50, 200, 1000] * 4:
        few = draw.choice([2, 5, 1000])
        xs, ys = ([draw.randrange(few) / 4 if draw.random() < 0.95 else None for _ in range(size)] for _ in range(2))
        cases.append({"x": xs, "y": ys, "lowX": draw.random() < 0.5, "lowY": draw.random() < 0.5})
    found = browser.run(
        """
        return arguments[0].map((one) => {
          const rows = one.x.map((_, at) => at).filter((at) => one.x[at] !== null && one.y[at] !== null);
          return cmsiteTableFronts.front(rows, one.x, one.y, one.lowX, one.lowY);
        });
        """,
        cases,
    )
    for case, ours in zip(cases, found, strict=True):
        front = pareto_front(case["x"], case["y"], lower_x=case["lowX"], lower_y=case["lowY"])
        assert ours == list(front.points)


def test_fifty_thousand_points_take_no_longer_than_twenty_times_a_fifteenth_of_them(browser: Browser) -> None:
    # O(n log n): fifteen times the points take about twenty times as long; a quadratic front would take 225 times. The few
    # points are taken fifteen times over, so that both measurements are as long and whatever else runs slows both.
    times = browser.run(
        """
        let seed = 1;
        const next = () => (seed = seed * 16807 % 2147483647) / 2147483647;
        return [3333, 50000].map((size) => {
          const xs = Float64Array.from({length: size}, next), ys = xs.map((x) => 1 - x + next() * 1e-5), rows = xs.map((_, at) => at);
          const taken = [];
          for (let run = 0; run < 7; run++) {
            const start = performance.now();
            for (let time = 0; time < Math.round(50000 / size); time++) cmsiteTableFronts.front(rows, xs, ys, true, true);
            taken.push(performance.now() - start);
          }
          return Math.min(...taken);
        });
        """
    )
    assert times[1] < 4 * times[0]


@pytest.mark.parametrize("each", [(), ("n",), ("t",), ("n", "t")], ids=["coded", "numbers", "texts", "all"])
def test_conditions_and_order_are_those_of_a_plain_definition(browser: Browser, each: tuple[str, ...]) -> None:
    draw = random.Random(6)
    numbers = [draw.choice([None, *range(-5, 30), 2.5, 1e6]) for _ in range(300)]
    texts = [draw.choice([None, "Offline", "offline", "Server", "", "a,b", "=x", "!"]) for _ in range(300)]
    shards = [
        _shard(number, {"n": numbers[start : start + 100], "t": texts[start : start + 100]}, each if number else ())
        for number, start in enumerate(range(0, 300, 100))
    ]
    tests = {
        ("n", ">10"): lambda n: n is not None and n > 10,
        ("n", "<= 2.5"): lambda n: n is not None and n <= 2.5,
        ("n", ">0 <5"): lambda n: n is not None and 0 < n < 5,
        ("n", "3..7"): lambda n: n is not None and 3 <= n <= 7,
        ("n", ".. -2"): lambda n: n is not None and n <= -2,
        ("n", "1,000,000"): lambda n: n == 1e6,
        ("n", "!=7"): lambda n: n is not None and n != 7,
        ("n", "="): lambda n: n is None,
        ("n", "!"): lambda n: n is not None,
        ("t", "off"): lambda t: t is not None and "off" in t.lower(),
        ("t", "=Offline"): lambda t: t == "Offline",
        ("t", "!off"): lambda t: t is None or "off" not in t.lower(),
        ("t", "="): lambda t: t is None,
    }
    found = browser.run(
        """
        const about = {table: "x", columns: [{name: "n", kind: "number"}, {name: "t", kind: "text"}]};
        const table = cmsiteTableData.assemble(about, arguments[0]);
        const order = (rows, name, down) => Array.from(cmsiteTableData.ordered(table.columns.get(name), rows, down));
        const all = cmsiteTableData.passing(table, [], null, 0);
        return {
          passing: arguments[1].map(([name, text]) => Array.from(cmsiteTableData.passing(table, [cmsiteTableData.columnFilter(table.columns.get(name), [text])], null, 0))),
          up: order(all, "n", false), down: order(all, "n", true), names: order(all, "t", false),
        };
        """,
        shards,
        [list(pair) for pair in tests],
    )
    for (pair, test), rows in zip(tests.items(), found["passing"], strict=True):
        values = numbers if pair[0] == "n" else texts
        assert rows == [row for row, value in enumerate(values) if test(value)], pair
    present = [row for row in range(300) if numbers[row] is not None]
    missing = [row for row in range(300) if numbers[row] is None]
    assert found["up"] == [*sorted(present, key=lambda row: numbers[row] or 0), *missing]
    assert found["down"] == [*sorted(present, key=lambda row: -(numbers[row] or 0)), *missing]
    assert found["names"] == sorted(
        range(300), key=lambda row: (texts[row] is None, (texts[row] or "").lower(), texts[row] or "")
    )


NAMES = """
const all = {};
for (const [key, shards] of Object.entries(arguments[0])) {
  const names = new Set(shards.flatMap((shard) => shard.columns.map((column) => column.name)));
  const about = {table: "x", columns: [...names].map((name) => ({name, kind: name === "n" ? "number" : "text"}))};
  const table = cmsiteTableData.assemble(about, shards);
  all[key] = Array.from({length: table.rows}, (_, row) => cmsiteTableCompare.nameOf(table, row));
  all[key].forEach((name, row) => {
    const found = cmsiteTableCompare.rowOf(table, name);
    if (found.row !== row || found.problem) throw new Error(`${name}: ${found.row} instead of ${row}`);
  });
}
return all;
"""


def test_the_name_of_a_row_stays_when_the_data_change(browser: Browser) -> None:
    draw = random.Random(7)
    rows = [(number, f"system {number % 90}", draw.choice(["a", "b"])) for number in range(300)]

    def table(rows: list[tuple[int, str, str]], *, each: tuple[str, ...] = (), **more: list[Any]) -> dict[str, Any]:
        columns: dict[str, list[Any]] = {
            "n": [row[0] for row in rows],
            "System": [row[1] for row in rows],
            "Source": [row[2] for row in rows],
        }
        return _shard(0, columns | more, each)

    moved = sorted(rows, key=lambda row: (row[2], -row[0]))
    grown = [(1000, "another", "a"), *moved[50:], (1001, "another", "b")]
    tables = {
        "first": [table(rows)],
        "each": [table(rows, each=("n", "Source"))],
        "grown": [table(grown, Commit=["https://example.org"] * 252, New=[None] * 251 + ["new"])],
        "shards": [table(rows[:100], each=("n",)), {**table(rows[100:]), "shard": 1}],
        "changed": [table([(-1, *row[1:]) if row[0] == 5 else row for row in rows])],
    }
    names = browser.run(NAMES, tables)
    found = {key: dict(zip(_numbers(shards), names[key], strict=True)) for key, shards in tables.items()}
    first = found["first"]
    assert len(set(first.values())) == len(rows)
    assert first == found["each"] == found["shards"]
    assert {number: found["grown"][number] for number, _, _ in moved[50:]} == {number: first[number] for number, _, _ in moved[50:]}  # fmt: skip
    assert found["changed"][-1] not in first.values()
    equal = browser.run(NAMES, {"equal": [table([rows[0]] * 3)]})["equal"]
    assert equal == [first[0], f"{first[0]}-2", f"{first[0]}-3"]


def _numbers(shards: list[dict[str, Any]]) -> list[int]:
    return [value for shard in shards for value in shard_values(shard["columns"][0])]


def _shard(number: int, columns: dict[str, list[Any]], each: tuple[str, ...] = ()) -> dict[str, Any]:
    coded: list[dict[str, Any]] = [{"name": name, "each": columns[name]} for name in each]
    for name, found in columns.items():
        if name in each:
            continue
        values = sorted({value for value in found if value is not None})
        coded.append(
            {"name": name, "values": values, "codes": [-1 if value is None else values.index(value) for value in found]}
        )
    return {"schema": "cmsite-table/1", "table": "x", "shard": number, "rows": len(columns["n"]), "columns": coded}
