"""Findings about what one artifact says of another: dependencies, variations, bases."""

from cmsite.diagnostics import FindingCode, Severity
from cmsite.validation.codes.sources import SCRIPT_META, SCRIPT_RUNNER, both, cm

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_INHERITANCE = "https://github.com/mlcommons/ck/blob/05a79cb375263011b62d00b55a52b8d7e117dd4b/cm/cmind/utils.py (process_meta_for_inheritance); cmind 4.2.0"
_SCRIPT = "https://github.com/mlcommons/mlperf-automations/blob/20d3d94c4fbbefca1a69f0e2b23295d196fd3e63/automation/script/module.py"

CODES = (
    FindingCode(
        code="CM301",
        severity=_W,
        title="dangling dependency",
        advice="No artifact has these tags, so the dependency fails when it runs.",
        source=both(f"{SCRIPT_RUNNER} (_run_deps)", cm("utils.py", "tags_matched"), "docs/dependencies.md"),
    ),
    FindingCode(
        code="CM302",
        severity=_W,
        title="unknown variation",
        advice="The artifact is there, but it has no such variation, so the dependency fails when it runs.",
        source=both(f"{SCRIPT_RUNNER} (_run: variations)", SCRIPT_META),
    ),
    FindingCode(
        code="CM303",
        severity=_N,
        title="alternatives",
        advice="Several artifacts match. Often that is meant (`get,compiler`): the client asks or takes the first.",
        source=both(f"{SCRIPT_RUNNER} (select_script_artifact)", "docs/dependencies.md"),
    ),
    FindingCode(
        code="CM304",
        severity=_N,
        title="unresolved here",
        advice="Nothing matches here, but a repository this one builds on is not part of the registry. Name it under `requires:` or with --with.",
        source="docs/dependencies.md",
    ),
    FindingCode(
        code="CM305",
        severity=_E,
        title="unknown base",
        advice="`_base` names an artifact that is not there. `cm` stops when it loads this one, and when it looks for tags or builds its index.",
        source=_INHERITANCE,
    ),
    FindingCode(
        code="CM306",
        severity=_E,
        title="circular bases",
        advice="Following `_base` leads back to where it began. `cm` stops at every command that looks for artifacts, for all repositories of the machine. Remove one of the bases.",
        source=_INHERITANCE,
    ),
    FindingCode(
        code="CM307",
        severity=_E,
        title="too many bases",
        advice="`cm` follows `_base` eleven times and then stops, so the artifact cannot be loaded. Shorten the chain.",
        source=_INHERITANCE,
    ),
    FindingCode(
        code="CM308",
        severity=_W,
        title="circular dependencies",
        advice="These artifacts need each other always, whatever the environment, so a run never comes to an end. Circles through a condition or a variation are usual and not reported.",
        source=_SCRIPT + " (_run_deps)",
    ),
    FindingCode(
        code="CM324",
        severity=_N,
        title="uid in two automations",
        advice="Two artifacts of different automations share a uid. The clients tell them apart by the automation, but a uid alone names neither.",
        source="https://github.com/mlcommons/ck/blob/05a79cb375263011b62d00b55a52b8d7e117dd4b/cm/cmind/utils.py (match_objects: uids are compared within an automation)",
    ),
    FindingCode(
        code="CM325",
        severity=_N,
        title="another name elsewhere",
        advice="Another repository holds this uid under another alias: one of them was renamed. Who names it by the alias finds it in one of the two only.",
        source="https://github.com/mlcommons/ck/blob/05a79cb375263011b62d00b55a52b8d7e117dd4b/cm/cmind/utils.py (match_objects: uids before aliases)",
    ),
    FindingCode(
        code="CM326",
        severity=_W,
        title="repository uid taken",
        advice="Two repositories of the registry have one uid and different aliases, so one was renamed or copied. The clients register only one of them.",
        source="https://github.com/mlcommons/ck/blob/05a79cb375263011b62d00b55a52b8d7e117dd4b/cm/cmind/repos.py (process); cmind 4.2.0: a second repository of one uid is refused",
    ),
    FindingCode(
        code="CM327",
        severity=_E,
        title="names that differ only in spelling",
        advice="Folders that differ only in upper and lower case, or in how letters with marks are composed, are one folder on macOS and Windows, where only one artifact arrives. `cm` compares aliases without regard to case on every system.",
        source="https://github.com/mlcommons/ck/blob/05a79cb375263011b62d00b55a52b8d7e117dd4b/cm/cmind/utils.py (match_objects); https://learn.microsoft.com/windows/win32/fileio/naming-a-file",
    ),
    FindingCode(
        code="CM328",
        severity=_N,
        title="unknown challenge or experiment",
        advice="A challenge names its experiments by tags, a contributor the challenges by tags or name. Nothing at hand has them, so the link leads nowhere.",
        source="https://github.com/mlcommons/ck/blob/6debe60716d21045fc1476221a4b0cbbbf540426/cm-mlops/script/gui/playground_challenges.py",
    ),
)
