"""What was meant by a text that is no code of a finding: a misspelt code, a number, or words of a title."""

import difflib
import re
from collections.abc import Mapping

from cmsite.diagnostics import FindingCode

MAX_NEAR = 5
_LONGEST = 60  # Characters of the text that are compared.
_CODE = re.compile(r"(?=.*[0-9])(?:CM)?[\W_]*([0-9OIL]+)[A-Z]?")
_ALIKE = 0.8  # Of two codes or words: four letters of five.
_IN_TITLE, _IN_ADVICE = 3, 1  # What a word counts for.
_SHORT = 2  # Letters of words such as `of`, which say nothing.


def near_codes(text: str, rules: Mapping[str, FindingCode], families: Mapping[str, str]) -> tuple[str, ...]:
    """Return up to `MAX_NEAR` codes with their titles, best first; every family where the number is of none.

    Letters may be large or small, `CM` may be left out, O and I may stand for 0 and 1.
    """
    asked = text[:_LONGEST].upper().strip()
    if found := _CODE.fullmatch(asked):
        code = f"CM{found[1].replace('O', '0').replace('I', '1').replace('L', '1')}"
        near = _of_number(code, tuple(rules))
        if not near:
            return tuple(f"{family} ({about})" for family, about in families.items())
    else:
        near = _of_words(asked, rules) or difflib.get_close_matches(asked, rules, n=MAX_NEAR)
    return tuple(f"{code} ({rules[code].title})" for code in near[:MAX_NEAR])


def _of_number(code: str, known: tuple[str, ...]) -> list[str]:
    """Return the code itself, those that begin so, or those that one slip away; nothing of a family that is not there."""
    if code in known:
        return [code]
    begun = [item for item in known if item.startswith(code)]
    return begun or difflib.get_close_matches(code, known, n=MAX_NEAR, cutoff=_ALIKE)


def _of_words(text: str, rules: Mapping[str, FindingCode]) -> list[str]:
    """Return the codes whose titles, or else advice, hold most of the words, or words like them."""
    titles = {code: _words(rule.title) for code, rule in rules.items()}
    advice = {code: _words(rule.advice) for code, rule in rules.items()}
    known = sorted({word for words in (*titles.values(), *advice.values()) for word in words})
    points = dict.fromkeys(rules, 0)
    for word in _words(text):
        alike = set(difflib.get_close_matches(word, known, n=20, cutoff=_ALIKE))
        for code in rules:
            points[code] += _IN_TITLE if alike & titles[code] else _IN_ADVICE if alike & advice[code] else 0
    best = max(points.values(), default=0)
    return [code for code in rules if best and points[code] == best]


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[a-z]+", text.lower()) if len(word) > _SHORT)
