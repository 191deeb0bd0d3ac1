"""`badges:` of a paper or reproduction → badges and findings; never raises, whatever the meta holds.

A badge whose scheme or level is unknown is kept in its own words and reported (CM520): it is shown as it is written and
counts under no scheme. Source: facts/results.md §1 (badge), §2.9 (badges come from issuers).
"""

from cmsite.model.badges import Badge, BadgeScheme
from cmsite.results.badge_schemes import level_of, levels_of, near_level, near_scheme
from cmsite.results.fields import Block, shown

MAX_BADGES = 50  # Of one artifact.


def read_badges(block: Block, key: str = "badges") -> tuple[Badge, ...]:
    """Read the list of badges in a block, in its order."""
    listed = block.blocks(key)
    if len(listed) > MAX_BADGES:
        message = f"{len(listed):,} badges stand there, the first {MAX_BADGES} are read"
        block.report.add("CM520", block.at(key), message, "remove what nobody issued")
    return tuple(_badge(item) for _, item in listed[:MAX_BADGES])


def _badge(block: Block) -> Badge:
    named, wanted = block.text("scheme", required=True), block.text("level", required=True)
    scheme = next((item for item in BadgeScheme if item.value == named), None)
    level = level_of(scheme, wanted) if scheme else None
    if named and scheme is None:
        known = ", ".join(item.value for item in BadgeScheme)
        near = near_scheme(named)
        hint = f"did you mean '{near}'?" if near else f"known schemes: {known}"
        block.report.add("CM520", block.at("scheme"), f"{shown(named)} is no badge scheme that is known", hint)
    elif scheme is not None and wanted and level is None:
        near = near_level(scheme, wanted)
        known = ", ".join(item.level for item in levels_of(scheme))
        hint = f"did you mean '{near}'?" if near else f"levels of {scheme.value}: {known}"
        block.report.add("CM520", block.at("level"), f"{shown(wanted)} is no level of {scheme.value}", hint)
    issuer, self_asserted = block.text("issuer"), block.flag("self_asserted") or False
    if not issuer and not self_asserted:
        block.report.add(
            "CM521",
            block.pointer,
            "the badge names no issuer, and pages say so",
            "add `issuer:`, or `self_asserted: true` where the authors gave it to themselves",
        )
    return Badge(
        scheme=scheme,
        level=level.level if level else "",
        text=": ".join(part for part in (named, wanted) if part),
        issuer=issuer,
        issued=block.text("issued"),
        evidence=block.text("evidence"),
        self_asserted=self_asserted,
    )
