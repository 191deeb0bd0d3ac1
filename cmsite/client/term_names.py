"""Names that are no key of the index, found through the tree of terms: of pages, with unknown automations, misspelt.

Source: docs/index-format.md, "Searching the tree of terms".
"""

from dataclasses import replace

from cmsite.client.index_files import IndexFiles
from cmsite.client.query import MAX_QUERY_WORDS, Query
from cmsite.client.term_search import search_terms
from cmsite.index.documents import automation_key
from cmsite.index.records import Record
from cmsite.index.words import split_words
from cmsite.model.reference import Reference

MAX_HITS = 20  # Looked at for one name; each costs two small files.


def records_for(files: IndexFiles, reference: Reference) -> tuple[Record, ...]:
    """Return records among which are likely all that a reference means whose name no tree has as a key."""
    if reference.page is not None:
        return _found(files, Query(words=_words(reference.page.folder)))
    if reference.automation_alias or not reference.automation.uid or not reference.name.alias:
        return ()
    return _found(files, Query(words=_words(reference.name.alias), keys=(automation_key(reference.automation.uid),)))


def records_near(files: IndexFiles, reference: Reference) -> tuple[Record, ...]:
    """Return records whose names may be the one that was meant."""
    words = _words(reference.name.alias or (reference.page.folder if reference.page else ""))
    if not words:
        return ()
    together = ("".join(words),) if len(words) > 1 else ()
    spelled = [word for text in (*words, *together) for word in _spelled(files, text)]
    query = Query(words=tuple(dict.fromkeys(spelled))[:MAX_QUERY_WORDS])
    return _found(files, query) if query.words else ()


def _spelled(files: IndexFiles, word: str) -> tuple[str, ...]:
    """Return a word that the registry has, or those it may mean."""
    answer = search_terms(files, files.root.terms, Query(words=(word,)), 0)
    return (word,) if answer.total else answer.hints


def _found(files: IndexFiles, query: Query) -> tuple[Record, ...]:
    if not query.words:
        return ()
    answer = search_terms(files, files.root.terms, query, MAX_HITS)
    if not answer.total and query.keys:
        answer = search_terms(files, files.root.terms, replace(query, keys=()), MAX_HITS)
    return tuple(record for hit in answer.hits for record in (hit.record, *hit.others))


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(split_words(text)))[:MAX_QUERY_WORDS]
