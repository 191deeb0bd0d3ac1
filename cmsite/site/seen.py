"""That an artifact was run once somewhere, and how it did: what people's reports and recorded runs have in common."""

from dataclasses import dataclass

NOT_STATED = "not stated"
REPORTS = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One time; `system`, `architecture`, `accelerator` and `versions` are bounded texts, `NOT_STATED` where unknown.

    `time` is as written, "" where unknown; `address` leads to the record, relative to the site's root; `origin` is
    `REPORTS` or names what recorded it.
    """

    fails: bool
    system: str
    architecture: str
    accelerator: str
    versions: str
    time: str
    address: str
    origin: str = REPORTS

    @property
    def place(self) -> tuple[str, ...]:
        """Return what the rows of a table are told apart by: how it did, the four texts, the origin."""
        status = "fails" if self.fails else "works"
        return (status, self.system, self.architecture, self.accelerator, self.versions, self.origin)
