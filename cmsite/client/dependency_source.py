"""A registry as the plan of dependencies asks it: complete references to records, records to what they need."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from cmsite.client.remote import RemoteRegistry
from cmsite.index.dependencies import Dependencies
from cmsite.index.records import Record

_WITH_UID = re.compile(r"(?P<name>.*),(?P<uid>[.a-f0-9]{16})\Z", re.DOTALL)


class DependencySource:
    """One registry; a `cmsite.client.dependency_plan.Registry`."""

    def __init__(self, registry: RemoteRegistry) -> None:
        self._registry = registry

    def records(self, references: Sequence[str]) -> Mapping[str, Record]:
        """Return the records of complete references; what is missing or not unique is left out."""
        wanted = {reference: tuple(_readings(reference)) for reference in references}
        names = {name for readings in wanted.values() for _, name, _ in readings}
        found: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
        for record in self._registry.named(names):
            found[record.repository, record.name].append(record)
        answers = {}
        for reference, readings in wanted.items():
            for repository, name, uid in readings:
                fitting = [record for record in found[repository, name] if not uid or record.uid == uid]
                # Of one name in one repository, what was removed gives way to what is there.
                living = [record for record in fitting if record.status.is_listed] or fitting
                if len(living) == 1:
                    answers[reference] = living[0]
                    break
        return answers

    def dependencies(self, records: Sequence[Record]) -> Sequence[Dependencies]:
        """Return what each artifact needs, in this order."""
        return self._registry.dependencies(records)


def _readings(reference: str) -> Iterator[tuple[str, str, str]]:
    """Yield (repository, automation:alias, uid) as a reference may be read: a comma may belong to the alias.

    >>> list(_readings("mlcommons@ck/script:detect-os"))
    [('mlcommons@ck', 'script:detect-os', '')]
    """
    head, colon, alias = reference.partition(":")
    repository, slash, automation = head.rpartition("/")
    if not (colon and slash and automation and alias):
        return
    yield repository, f"{automation}:{alias}", ""
    if found := _WITH_UID.match(alias):
        yield repository, f"{automation}:{found['name']}", found["uid"]
