"""Which artifact of the catalogue a reproduction ran. Source: CONTRACT §2 (references), §9."""

from cmsite.model.artifact import ArtifactKey
from cmsite.results.programs import named_artifact
from cmsite.site.context import SiteContext


def program_key(context: SiteContext, reference: str, repository: str) -> ArtifactKey | None:
    """Return the artifact that `[repository/]automation:alias,uid` names, None where the catalogue has none.

    `repository` is the one of the record: of several copies its own is taken, else the first.
    """
    return named_artifact(context.uids, context.names, reference, repository)
