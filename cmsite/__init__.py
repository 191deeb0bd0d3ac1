"""cmsite: validate, publish, search and pull artifacts in the Collective Mind formats."""

__version__ = "0.1.0"
