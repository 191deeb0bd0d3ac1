"""cmsite: validate, publish, search and pull artifacts in the Collective Mind formats.

The names of the Python API (docs/python-api.md) are imported when they are first used, so that `import cmsite` costs
nothing; `__init__.pyi` tells their types.
"""

__version__ = "0.1.0"

# Name → module below cmsite that holds it; "" for a module itself.
_NAMES = {
    "errors": "",
    **dict.fromkeys(
        (
            "Pull",
            "PullPlan",
            "Registry",
            "Resolved",
            "plan_pull",
            "pull",
            "pull_locked",
            "registries",
            "resolve",
            "search",
        ),
        "api",
    ),
    **dict.fromkeys(("Answer", "Hit"), "client.search"),
    **dict.fromkeys(("Record", "Status", "Version"), "index.records"),
    **dict.fromkeys(("Action", "Choice"), "client.planning"),
    "DependencyPlan": "client.dependency_plan",
    "Pulled": "client.applying",
    "Removed": "client.removing",
    "using": "client.access",
    **dict.fromkeys(
        (
            "AmbiguousError",
            "CmsiteError",
            "ConfigurationError",
            "IntegrityError",
            "NetworkError",
            "NotFoundError",
            "OutputError",
            "UsageError",
        ),
        "errors",
    ),
}

__all__ = sorted(["__version__", *_NAMES])  # noqa: PLE0605 - `__init__.pyi` spells it out, and a test compares.


def __getattr__(name: str) -> object:
    """Import a name of the API at its first use."""
    if name not in _NAMES:
        raise AttributeError(f"module 'cmsite' has no attribute {name!r}", name=name)
    import importlib  # Not a statement that names a module: the packages below import this one.

    module = importlib.import_module(f"cmsite.{_NAMES[name] or name}")
    value: object = getattr(module, name) if _NAMES[name] else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the names of the API, also those that nobody used yet."""
    return sorted({*globals(), *_NAMES})
