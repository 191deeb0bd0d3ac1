"""What registry.yml declares of rules (`rules:`) and of experiments (`experiments.derived`, `experiments.compatible`), as written."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreSpec:
    """One entry of `rules.ignore`: findings of `code` below `paths` are dropped, with a reason, until a date.

    `place` is where it stands in registry.yml.
    """

    code: str
    reason: str
    paths: tuple[str, ...] = ()
    until: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesSpec:
    """`rules:` of registry.yml.

    `extends` names where rules come from, in order: `cm` for those of cmsite, else rule files or folders of them
    relative to registry.yml. Only findings whose codes begin as one of `select` are reported, all where it is empty.
    """

    extends: tuple[str, ...] = ("cm",)
    select: tuple[str, ...] = ()
    ignores: tuple[IgnoreSpec, ...] = ()


ALL_RULES = RulesSpec()
"""What a registry.yml without `rules:` means."""
