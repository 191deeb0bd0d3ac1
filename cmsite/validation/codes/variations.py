"""Findings about what a script says of itself: variations, their groups, names of its dependencies, choices."""

from cmsite.diagnostics import FindingCode, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

_MLC = "https://github.com/mlcommons/mlperf-automations/blob/20d3d94c4fbbefca1a69f0e2b23295d196fd3e63/automation/script/module.py"
_CM = "https://github.com/mlcommons/cm4mlops/blob/e1d5c7cf04d189531dd6c22dd1176100c94608c1/automation/script"

CODES = (
    FindingCode(
        code="CM309",
        severity=_E,
        title="several defaults of a group",
        advice="Of a group of variations one is chosen where a use names none. With two `default` in a group the clients refuse every run of the script. Leave one.",
        source=f"{_MLC} (_get_variation_groups)",
    ),
    FindingCode(
        code="CM310",
        severity=_E,
        title="unknown default variation",
        advice="`default_variation` names a variation that the script does not have, so the clients refuse every run of it. Name one that it has.",
        source=f"{_MLC} (_update_state_from_variations)",
    ),
    FindingCode(
        code="CM311",
        severity=_W,
        title="unknown default of a group",
        advice="`default_variations` maps a group to the variation that is chosen where a use names none of it. A group or variation that is not there ends the run.",
        source=f"{_MLC} (_get_variation_tags_from_default_variations)",
    ),
    FindingCode(
        code="CM312",
        severity=_W,
        title="unknown base of a variation",
        advice="`base` lists variations that come along with this one. One that is not there ends every run that chooses it. Names stand without the `_` of uses.",
        source=f"{_MLC} (_add_base_variations)",
    ),
    FindingCode(
        code="CM313",
        severity=_N,
        title="variation is its own base",
        advice="A variation that is its own base, directly or through others, brings nothing along. Often another one was meant.",
        source=f"{_MLC} (_add_base_variations)",
    ),
    FindingCode(
        code="CM314",
        severity=_W,
        title="variations that exclude each other",
        advice="The variation brings two of one group along by its `base`. The clients allow one of a group, so they refuse every use of it.",
        source=f"{_MLC} (_process_variation_tags_in_groups)",
    ),
    FindingCode(
        code="CM315",
        severity=_W,
        title="combination of unknown variations",
        advice="A variation whose name holds commas, or a combination of `valid_variation_combinations` and `invalid_variation_combinations`, applies where all of its parts are chosen. One of them is no variation of the script, so it never does.",
        source=f"{_MLC} (_apply_combined_variations, _validate_variations)",
    ),
    FindingCode(
        code="CM316",
        severity=_W,
        title="combination that cannot occur",
        advice="Two parts of the combination are of one group, of which only one can be chosen, so it never applies.",
        source=f"{_MLC} (_process_variation_tags_in_groups)",
    ),
    FindingCode(
        code="CM317",
        severity=_W,
        title="broken alias of a variation",
        advice="An `alias` makes a variation another name of one that the script has. Where that is not there, or the variation has a `group` or `default` besides, the clients refuse it.",
        source=f"{_MLC} (_get_variations_with_aliases)",
    ),
    FindingCode(
        code="CM318",
        severity=_W,
        title="default without a group",
        advice="`default` says which variation of a group is chosen. Without a `group` nothing reads it. Add the group, or use `default_variation` of the script.",
        source=f"{_MLC} (_get_variation_groups)",
    ),
    FindingCode(
        code="CM319",
        severity=_W,
        title="default variation of a variation",
        advice="`default_variation` is read at the top level of a script only, so in a variation it does nothing. `default_variations` (with an s) maps groups to the variations that come along.",
        source=f"{_MLC} (_update_state_from_variations, _get_variation_tags_from_default_variations)",
    ),
    FindingCode(
        code="CM320",
        severity=_N,
        title="unknown group of variations",
        advice="`variation_groups_order` and `skip_inherit_variation_groups` name groups of the script's own variations. One that no variation has is ignored.",
        source=f"{_CM}/module_misc.py (variation_groups_order); {_MLC} (_run_deps)",
    ),
    FindingCode(
        code="CM321",
        severity=_W,
        title="no such dependency to change",
        advice="`ad` (or `add_deps`) changes dependencies of the script by the names they have under `names`. Where no dependency has the name, a run that gets there ends with 'is not one of the dependency'.",
        source=f"{_MLC} (update_deps)",
    ),
    FindingCode(
        code="CM322",
        severity=_N,
        title="nothing to change recursively",
        advice="`adr` (or `add_deps_recursive`) changes dependencies of this and all other scripts by the names they have under `names`. No dependency at hand has this name, so nothing happens.",
        source=f"{_MLC} (update_adr_from_meta)",
    ),
    FindingCode(
        code="CM323",
        severity=_W,
        title="test of an unknown variation",
        advice="`variations_list` of a test names a variation that the script does not have, so the test finds no script to run.",
        source=f"{_MLC} (test)",
    ),
    FindingCode(
        code="CM329",
        severity=_N,
        title="default is none of the choices",
        advice="An input has `choices` and a `default` that is none of them. Unquoted `yes` and `no` are true and false in YAML: put them in quotes.",
        source="YAML 1.1, https://yaml.org/type/bool.html; " + f"{_CM}/module.py (input_description)",
    ),
)
