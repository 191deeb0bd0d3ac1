"""What a person asks a search for: words, and keys that an artifact must have or must not have.

Source: facts/formats.md §1 (tags are AND, `-tag` excludes, `_variation`); docs/index-format.md, "Searching".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cmsite.errors import UsageError
from cmsite.index.documents import (
    AUTHOR,
    AUTOMATION,
    HAS,
    REPOSITORY,
    RESULTS,
    TAG,
    author_keys,
    automation_key,
    exact_key,
    tag_key,
)
from cmsite.index.words import MAX_KEY_CHARACTERS, fold, split_words

MAX_QUERY_WORDS = 32  # Different ones; each costs a look-up.
MAX_QUERY_KEYS = 64

FACETS = ("author", "automation", "has", "repository")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; an empty query finds everything.

    `words` are the different ones in the order they were typed, folded; `keys` must all be there, none of `excluded`.
    """

    words: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Return whether nothing but words is asked for."""
        return not self.keys and not self.excluded


def parse_query(
    words: Iterable[str] = (),
    tags: str = "",
    automation: str = "",
    repository: str = "",
    author: str = "",
    has: str = "",
) -> Query:
    """Return a query; `tags` are separated by commas, `-` before one excludes it, `_` before one is a variation.

    Among the words, `author:ada`, `automation:x`, `has:results` and `repository:x` mean what the arguments mean.
    Raises `UsageError` where words hold no letter or digit, for too many, and for what no artifact can have.

    >>> parse_query(["get-dataset", "author:ada"], "coco,-small")
    Query(words=('get', 'dataset'), keys=('#coco', '@ada'), excluded=('#small',))
    """
    tokens = " ".join(words).split()
    plain = [token for token in tokens if _facet(token) is None]
    text = " ".join(plain)
    found = tuple(dict.fromkeys(split_words(text)))
    if text and not found:
        raise UsageError(f"{text!r} holds no letter or digit to search for")
    named = [tag.strip() for tag in tags.split(",") if tag.strip()]
    keys = [tag_key(tag) for tag in named if not tag.startswith("-")]
    given = {"author": author, "automation": automation, "has": has, "repository": repository}
    for facet, value in (*given.items(), *filter(None, map(_facet, tokens))):
        keys.extend(_facet_keys(facet, value) if value else ())
    query = Query(
        words=found,
        keys=tuple(dict.fromkeys(keys)),
        excluded=tuple(dict.fromkeys(tag_key(tag[1:]) for tag in named if tag.startswith("-"))),
    )
    if len(query.words) > MAX_QUERY_WORDS or len(query.keys) + len(query.excluded) > MAX_QUERY_KEYS:
        raise UsageError(
            f"{len(query.words)} words and {len(query.keys) + len(query.excluded)} tags are too many; search for at most "
            f"{MAX_QUERY_WORDS} words and {MAX_QUERY_KEYS} tags"
        )
    return query


def accepts(query: Query, keys: Mapping[str, int]) -> bool:
    """Return whether a document with these keys has what the query asks for beside words."""
    return all(key in keys for key in query.keys) and not any(key in keys for key in query.excluded)


def spelled(key: str) -> str:
    """Return a key as a person would ask for it.

    >>> spelled("#coco"), spelled("_cpu"), spelled("@ada")
    ('coco', '_cpu', 'author:ada')
    """
    kinds = {TAG: "", AUTHOR: "author:", AUTOMATION: "automation:", HAS: "has:", REPOSITORY: "repository:"}
    return kinds[key[0]] + key[1:] if key[0] in kinds else key


def _facet(token: str) -> tuple[str, str] | None:
    """Return the (facet, value) of a token such as `author:ada`; None where it is an ordinary word."""
    facet, colon, value = token.partition(":")
    name = fold(facet)
    return (name, value) if colon and name in FACETS and split_words(value) else None


def _facet_keys(facet: str, value: str) -> list[str]:
    match facet:
        case "author":
            keys = author_keys(value)
            if not keys:
                raise UsageError(f"author {value[:80]!r} holds no letter or digit to search for")
            return keys
        case "automation":
            return [automation_key(value)]
        case "repository":
            return [exact_key(REPOSITORY, value)]
        case _:
            if fold(value) != RESULTS:
                raise UsageError(f"has:{value[:MAX_KEY_CHARACTERS]} is unknown; an artifact can have {RESULTS}")
            return [exact_key(HAS, RESULTS)]
