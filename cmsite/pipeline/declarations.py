"""What registry.yml declares of experiments: derived metrics and compatible versions, and what is wrong with it.

A build stops at a mistake; `cmsite validate` reports each as a finding. Source: docs/experiments.md.
"""

from collections.abc import Iterable, Iterator

from cmsite.declared import DerivedSpec
from cmsite.diagnostics import Diagnostic, Place
from cmsite.errors import ConfigurationError
from cmsite.results import compatible, derived
from cmsite.results.codes import RESULT_CODES
from cmsite.results.compatible import Compatible
from cmsite.results.derived import Metric
from cmsite.results.expressions import ExpressionError, parse_expression
from cmsite.results.row_tables import RowTable
from cmsite.settings import Settings

CODE = "CM519"


def own_metrics(settings: Settings, tables: tuple[RowTable, ...]) -> tuple[Metric, ...]:
    """Return the metrics of registry.yml; raises `ConfigurationError` with every mistake of what it declares."""
    wrong = []
    for place, message in _mistakes(settings, tables):
        where = f":{place.line}:{place.column}" if place else ""
        wrong.append(f"{settings.path}{where}: {message}")
    if wrong:
        raise ConfigurationError("\n".join(wrong))
    return tuple(_metric(spec) for spec in settings.derived)


def compatible_of(settings: Settings | None) -> tuple[Compatible, ...]:
    """Return what registry.yml declares compatible."""
    return tuple(
        Compatible(versions=spec.versions, by=spec.by, benchmarks=spec.benchmarks, tables=spec.tables)
        for spec in (settings.compatible if settings else ())
    )


def check_declarations(settings: Settings, tables: tuple[RowTable, ...]) -> Iterator[Diagnostic]:
    """Yield a finding for each mistake."""
    for place, message in _mistakes(settings, tables):
        yield Diagnostic(
            code=CODE,
            severity=RESULT_CODES[CODE].severity,
            repository="",
            path=settings.path.as_posix(),
            message=message,
            place=place,
            hint="correct the declaration, or take it out; a build stops here",
        )


def _mistakes(settings: Settings, tables: tuple[RowTable, ...]) -> Iterator[tuple[Place | None, str]]:
    for spec in settings.derived:
        try:
            metric = _metric(spec)
        except ExpressionError as error:
            yield spec.place, f"`expression`: {error}; an example is `[Result] / [Watts]`"
            continue
        yield from _placed(spec.place, derived.mistakes(metric, tables))
    declared = compatible_of(settings)
    for number, entry in enumerate(settings.compatible):
        yield from _placed(entry.place, compatible.mistakes(number, declared, tables))


def _placed(place: Place | None, messages: Iterable[str]) -> Iterator[tuple[Place | None, str]]:
    yield from ((place, message) for message in messages)


def _metric(spec: DerivedSpec) -> Metric:
    return Metric(
        name=spec.name,
        expression=parse_expression(spec.expression),
        unit=spec.unit,
        lower_is_better=spec.lower_is_better,
        tables=spec.tables,
    )
