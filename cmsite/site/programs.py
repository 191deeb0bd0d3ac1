"""Which artifact of the catalogue a reproduction ran. Source: CONTRACT §2 (references), §9."""

from cmsite.model.artifact import ArtifactKey
from cmsite.model.names import parse_pair
from cmsite.site.context import SiteContext


def program_key(context: SiteContext, reference: str, repository: str) -> ArtifactKey | None:
    """Return the artifact that `[repository/]automation:alias,uid` names, None where the catalogue has none.

    `repository` is the one of the record: of several copies its own is taken, else the first.
    """
    place, _, name = reference.partition(":")
    owner, _, automation = place.rpartition("/")
    pair = parse_pair(name.partition("@")[0])
    if pair.uid:
        keys = context.uids.get(pair.uid, ())
    elif pair.alias and ":" in reference:
        keys = context.names.get((automation, pair.alias), ())
    else:
        keys = ()
    found = [key for key in keys if key.automation == automation and owner in ("", key.repository)]
    return next((key for key in found if key.repository == repository), found[0] if found else None)
