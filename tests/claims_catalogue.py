"""A catalogue of many papers, claims and reproductions on disk, with odd names, and what each row of it is.

The facts are told by the writer itself, not read back, so that tests can filter without the code they test.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.memory_tree import CMR

EVIL = '<img src=x onerror="document.title=1">'
VENUES = ("ESA 2012", "J. Sort.", "", "__proto__", EVIL, "=cmd|' /C calc'!A0")
METRICS = (("time", "s"), ("accuracy", "%"), ("__proto__", "u"), ("<img onerror>", "u"), ("constructor", ""))
EVALUATORS = (("Ann",), ("Bob", "Ann"), (), ("<b>Eve</b>",), ("+SUM(A1)",))
PROCESSORS = ("AMD EPYC", "Xeon, 2 sockets", "", "__proto__")
DATES = ("2026-01-02", "2025-12-20", "2025-06-01", "2024-02-03T10:00:00Z", "2019-01-01", "last week", "")
AGES = (
    "within 30 days of the newest record",
    "within 30 days of the newest record",
    "up to a year older",
    "1 to 3 years older",
    "more than 3 years older",
    "no date",
    "no date",
)
STATES = ("unverified", "verified", "disputed", "superseded")
REGISTRY = "title: Many\nregistry_id: 0123456789abcdef0123456789abcdef\nsources: [{folder: artifacts}]\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row: what each facet says of it, "" where nothing is stated, and the claim's text."""

    venue: str
    year: str
    metric: str
    evaluator: tuple[str, ...]
    hardware: str
    status: str
    staleness: str
    paper: str
    text: str


def write_claims(folder: Path, papers: int, claims: int, attempts: int = 2) -> list[Fact]:
    """Write the catalogue and its registry.yml; return the facts of the rows in the order of the catalogue.

    Every third claim is tried by nobody; the others by each record of their paper, the last papers by none.
    """
    facts: list[Fact] = []
    (folder / "artifacts").mkdir(parents=True)
    (folder / "artifacts/cmr.yaml").write_text(CMR)
    (folder / "registry.yml").write_text(REGISTRY)
    for number in range(papers):
        title = f"Paper {number}" + (f" {EVIL}" if number % 7 == 3 else "")
        venue, year = VENUES[number % len(VENUES)], 1990 + number % 9 if number % 5 else None
        kinds = [METRICS[(number + place) % len(METRICS)] for place in range(claims)]
        made = [_claim(place, *kind) for place, kind in enumerate(kinds)]
        about: dict[str, Any] = (
            {"title": title} | ({"venue": venue} if venue else {}) | ({"year": year} if year else {})
        )
        metrics = [{"id": name, "unit": unit, "lower_is_better": True} for name, unit in METRICS]
        _write(folder, "paper", f"p{number:05}", 2 * number + 1, paper=about, metrics=metrics, claims=made)
        records = [] if number > 2 and number == papers - 1 else [_record(number, one) for one in range(attempts)]
        for one, record in enumerate(records):
            block = _reproduction(number, record, made)
            _write(folder, "reproduction", f"r{number:05}-{one}", (number + 1) * 1_000_000 + one, reproduction=block)
        # The order of rows of one claim: by the text of the date, then by uid.
        records.sort(key=lambda record: (DATES[record["date"]], record["number"]))
        for place, (name, _) in enumerate(kinds):
            tried: list[dict[str, int] | None] = [*records] if place % 3 != 2 and records else [None]
            common = {
                "venue": venue,
                "year": str(year or ""),
                "metric": name,
                "paper": title,
                "text": made[place]["text"],
            }
            facts.extend(_fact(record, **common) for record in tried)
    return facts


def _fact(record: dict[str, int] | None, **common: str) -> Fact:
    if record is None:
        return Fact(evaluator=("",), hardware="", status="", staleness="never tried", **common)
    return Fact(
        evaluator=EVALUATORS[record["agents"]] or ("",),
        hardware=PROCESSORS[record["processor"]],
        status=STATES[record["status"]],
        staleness=AGES[record["date"]],
        **common,
    )


def _record(number: int, one: int) -> dict[str, int]:
    mixed = number * 3 + one
    return {
        "number": one,
        "date": mixed % len(DATES),
        "agents": mixed % len(EVALUATORS),
        "processor": mixed % len(PROCESSORS),
        "status": (number + 2 * one) % len(STATES),
    }


def _claim(place: int, metric: str, unit: str) -> dict[str, Any]:
    return {
        "id": f"C{place + 1}",
        "text": f"Claim {place + 1}: the value of {metric} is small.",
        "kind": "value",
        "metric": metric,
        "value": 1 + place % 4 / 10,
        "unit": unit,
        **({} if metric == "time" else {"hardware_dependent": False}),
        **({"tolerance": {"type": "relative", "value": 0.05, "source": "author"}} if place % 4 else {}),
    }


def _reproduction(number: int, record: dict[str, int], claims: list[dict[str, Any]]) -> dict[str, Any]:
    tried = [claim for place, claim in enumerate(claims) if place % 3 != 2]
    runs = [
        {
            "uid": f"{place:016x}",
            "claims": [claim["id"]],
            "metric": claim["metric"],
            "samples": [claim["value"] * (1 + 0.001 * (record["number"] * 60 + place % 90))],
            "actionStatus": "CompletedActionStatus",
        }
        for place, claim in enumerate(tried)
    ]
    block: dict[str, Any] = {
        "paper": f"p{number:05},{2 * number + 1:016x}",
        "claims": [claim["id"] for claim in tried],
        "agent": [{"name": name} for name in EVALUATORS[record["agents"]]],
        "status": STATES[record["status"]],
        "runs": runs,
    }
    if PROCESSORS[record["processor"]]:
        block["environment"] = {"host_processor_model_name": PROCESSORS[record["processor"]]}
    if DATES[record["date"]]:
        block["check_time"] = DATES[record["date"]]
    return block


_AUTOMATIONS = {"paper": "9911c86491d84b7e", "reproduction": "34f9999284cc4817"}


def _write(folder: Path, automation: str, alias: str, number: int, **blocks: Any) -> None:
    place = folder / "artifacts" / automation / alias
    place.mkdir(parents=True)
    meta = {
        "alias": alias,
        "uid": f"{number:016x}",
        "automation_alias": automation,
        "automation_uid": _AUTOMATIONS[automation],
        **blocks,
    }
    (place / "_cm.json").write_text(json.dumps(meta))
