"""The error tree: failures of the world, each with the exit code the command line ends with.

Findings about artifacts are not errors: they are `cmsite.diagnostics.Diagnostic` values.
Source: CONTRACT §13 (exit codes).
"""

from typing import ClassVar


class CmsiteError(Exception):
    """A failure a user can act on: the message says what, where, got, expected and what to do."""

    exit_code: ClassVar[int] = 2


class UsageError(CmsiteError):
    """The command was called in a way that makes no sense."""

    exit_code = 2


class ConfigurationError(CmsiteError):
    """registry.yml, mkdocs.yml or a rule file is missing, unreadable or contradicts itself."""

    exit_code = 2


class MissingExtraError(CmsiteError):
    """A command needs an optional extra that is not installed."""

    exit_code = 2

    def __init__(self, extra: str, missing: str) -> None:
        super().__init__(f"this needs the extra '{extra}' ({missing} is not installed): pip install 'cmsite[{extra}]'")


class SourceError(CmsiteError):
    """A source (folder, git repository, archive) cannot be read as a whole."""

    exit_code = 3


class NotFoundError(CmsiteError):
    """A reference names nothing; `near` offers up to five names that look like it."""

    exit_code = 4

    def __init__(self, message: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.near = near


class AmbiguousError(CmsiteError):
    """A reference names several different artifacts; `candidates` lists them."""

    exit_code = 4

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


class NetworkError(CmsiteError):
    """A server did not answer, or not with what was asked for."""

    exit_code = 5


class IntegrityError(CmsiteError):
    """Bytes do not match their digest, or a rule of trust is broken."""

    exit_code = 6


class OutputError(CmsiteError):
    """The output cannot be written, or writing it would overwrite something foreign."""

    exit_code = 7
