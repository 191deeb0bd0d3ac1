"""What registry.yml declares of experiments: entries of `experiments.derived` and `experiments.compatible`, as written."""

from dataclasses import dataclass

from cmsite.diagnostics import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedSpec:
    """One entry of `experiments.derived`: a metric worked out from columns of the tables of experiments.

    `place` is where it stands in the file, for messages; `tables` names those it is meant for, all where it is empty.
    """

    place: Place | None
    name: str
    expression: str
    unit: str = ""
    lower_is_better: bool | None = None
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompatibleSpec:
    """One entry of `experiments.compatible`: versions whose rows are compared with each other, and who says so.

    `benchmarks` and `tables` name those it is meant for, all where they are empty.
    """

    place: Place | None
    versions: tuple[str, ...]
    by: str
    benchmarks: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
