"""What `cmsite explain` says of every kind of finding: complete, plain, and with a source that can be looked up."""

import re

import pytest

from cmsite.pipeline.codes import all_codes
from tests.requirements import CHECKOUT

CODES = all_codes()
OWN_LIMIT = "a limit of cmsite"


@pytest.mark.parametrize("code", CODES)
def test_every_rule_says_what_is_wrong_why_and_where_it_comes_from(code):
    rule = CODES[code]
    assert rule.code == code
    assert re.fullmatch(r"CM\d{3}", code)
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.advice.endswith((".", ")", "}"))
    assert rule.source, f"{code} names no source: a document or the lines of a client that say so"


@pytest.mark.parametrize("code", CODES)
def test_every_source_can_be_looked_up(code):
    for part in CODES[code].source.split("; "):
        page = re.match(r"docs/[a-z-]+\.md", part)
        if page:
            assert (CHECKOUT / page.group()).is_file(), part
    sources = re.findall(r"https?://\S+|docs/\S+\.md", CODES[code].source)
    assert sources or CODES[code].source.startswith(OWN_LIMIT), CODES[code].source
    assert all(source.startswith(("https://", "docs/")) for source in sources)


def test_no_two_rules_have_one_title():
    titles = [rule.title for rule in CODES.values()]
    assert sorted(titles) == sorted(set(titles))
