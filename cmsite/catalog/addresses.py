"""Addresses of pages, relative to the site's root, with a trailing slash.

Source: CONTRACT §6, docs/adr/0009 (categories, authors, licences); they never change with the build.
"""

from functools import cache

from cmsite.model.artifact import ArtifactKey
from cmsite.model.names import slug

_slug = cache(slug)


def artifact_address(key: ArtifactKey) -> str:
    """Return the page of one origin of an artifact.

    >>> artifact_address(ArtifactKey(repository="team", automation="script", folder="detect-os"))
    'a/team/script/detect-os/'
    """
    return f"a/{_slug(key.repository)}/{_slug(key.automation)}/{slug(key.folder)}/"


def tag_address(tag: str) -> str:
    """Return the page of a tag."""
    return f"tag/{_slug(tag)}/"


def category_address(category: str) -> str:
    """Return the page of a category."""
    return f"category/{_slug(category)}/"


def author_address(author: str) -> str:
    """Return the page of an author, by the name as it is spelled."""
    return f"author/{_slug(author)}/"


def license_address(license_: str) -> str:
    """Return the page of a licence, by the words of the meta."""
    return f"license/{_slug(license_)}/"


def automation_address(automation: str) -> str:
    """Return the page of an automation (an artifact type)."""
    return f"automation/{_slug(automation)}/"


def repository_address(repository: str) -> str:
    """Return the page of a repository, by its key."""
    return f"repository/{_slug(repository)}/"


def paper_address(folder: str) -> str:
    """Return the page of a paper's claims and reproductions."""
    return f"paper/{slug(folder)}/"
