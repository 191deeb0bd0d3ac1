"""Text → the words in which it is searched: one form for every reader in every language.

Source: docs/index-format.md, "Words".
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

MAX_KEY_CHARACTERS = 200  # A longer word, tag or name is searched by its beginning.

_WORD = re.compile(r"[^\W_]+")
_DIGITS = "0123456789"


def fold(text: str) -> str:
    """Return text in the one form in which words are compared, which JavaScript has too.

    >>> fold("Größe ΟΔΟΣ COCO")
    'grösse οδοσ coco'
    """
    return text.lower() if text.isascii() else text.upper().lower().replace("ς", "σ")


def split_words(text: str) -> list[str]:
    """Return the words of a text, folded: what stands between signs that are neither letters nor digits.

    >>> split_words("get-dataset_COCO 2014")
    ['get', 'dataset', 'coco', '2014']
    """
    return [word[:MAX_KEY_CHARACTERS] for word in _WORD.findall(fold(text))]


def with_pairs(words: list[str]) -> list[str]:
    """Return words, and each two neighbours run together: `open-images` is found as `openimages`."""
    if len(words) < 2:  # noqa: PLR2004 - a pair.
        return words
    return [*words, *((first + second)[:MAX_KEY_CHARACTERS] for first, second in pairwise(words))]


def forms(words: Iterable[str]) -> Iterator[str]:
    """Yield words, and each that ends in digits without them too: `python3` is found as `python`.

    >>> list(forms(["python3", "2014"]))
    ['python3', 'python', '2014']
    """
    for word in words:
        yield word
        if word[-1] in _DIGITS and (stem := word.rstrip(_DIGITS)):
            yield stem
