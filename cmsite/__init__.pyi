from cmsite import errors
from cmsite.api import (
    Pull,
    PullPlan,
    Registry,
    Resolved,
    plan_pull,
    pull,
    pull_locked,
    registries,
    resolve,
    search,
)
from cmsite.client.access import using
from cmsite.client.applying import Pulled
from cmsite.client.dependency_plan import DependencyPlan
from cmsite.client.planning import Action, Choice
from cmsite.client.removing import Removed
from cmsite.client.search import Answer, Hit
from cmsite.errors import (
    AmbiguousError,
    CmsiteError,
    ConfigurationError,
    IntegrityError,
    NetworkError,
    NotFoundError,
    OutputError,
    UsageError,
)
from cmsite.index.records import Record, Status, Version

__version__: str

__all__ = [
    "Action",
    "AmbiguousError",
    "Answer",
    "Choice",
    "CmsiteError",
    "ConfigurationError",
    "DependencyPlan",
    "Hit",
    "IntegrityError",
    "NetworkError",
    "NotFoundError",
    "OutputError",
    "Pull",
    "PullPlan",
    "Pulled",
    "Record",
    "Registry",
    "Removed",
    "Resolved",
    "Status",
    "UsageError",
    "Version",
    "__version__",
    "errors",
    "plan_pull",
    "pull",
    "pull_locked",
    "registries",
    "resolve",
    "search",
    "using",
]
