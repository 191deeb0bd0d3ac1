"""The rule about a uid that two repositories of a registry have, one of them renamed; pure."""

from collections.abc import Iterable, Iterator

from cmsite.diagnostics import Diagnostic
from cmsite.model.repository import Repository
from cmsite.validation.problems import problem


def check_repository_uid(repository: Repository, earlier: Iterable[Repository]) -> Iterator[Diagnostic]:
    """Yield a finding, without its place, where an earlier repository has the uid of this one and another alias.

    An equal alias is the same repository twice, which is reported as its key being taken.
    """
    if not repository.uid or not repository.descriptors:
        return
    other = next((one for one in earlier if one.uid == repository.uid and one.alias != repository.alias), None)
    if other is not None:
        message = f"repository uid {repository.uid} is also that of {other.alias!r}"
        hint = "draw a new uid, or register one of the two: the clients take a repository by its uid"
        path = repository.descriptors[0]
        pointer = "/data_uid" if path.endswith(".ckr.json") else "/uid"
        yield problem("CM326", message, None, pointer, hint).in_file(repository.key, path)
