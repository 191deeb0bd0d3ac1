"""Colours of code: whatever the text, only spans are added, and what stands out in real code is found."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.site.sketches import SKETCHES, mark

_TAG = re.compile(r"</?span[^>]*>")
_CODE = st.text(alphabet="abz_09 \n\t\"'\\#$-:{}[](),.=<>&|;@", max_size=60) | st.text(max_size=40)


@given(_CODE, st.sampled_from(sorted(SKETCHES)))
def test_only_spans_are_added_to_any_text(code, language):
    marked = mark(SKETCHES[language], code)
    assert unescape(_TAG.sub("", marked)) == unescape(code.replace("&", "&amp;"))
    assert set(re.findall(r"<[^>]*>", marked)) <= {"</span>"} | set(re.findall(r'<span class="\w+">', marked))


@pytest.mark.parametrize(
    ("language", "code", "spans"),
    [
        ("yaml", "uid: '12' # x\n", {("nt", "uid"), ("s", "'12'"), ("c1", "# x")}),
        ("json", '{"a": [1, true]}', {("nt", '"a"'), ("m", "1"), ("kc", "true")}),
        (
            "bash",
            'if [ "$A" ]; then cd /x; fi',
            {("k", "if"), ("s2", '"$A"'), ("k", "then"), ("nb", "cd"), ("k", "fi")},
        ),
        (
            "python",
            "def f(x):\n    return 'y'  # z\n",
            {("k", "def"), ("nf", "f"), ("k", "return"), ("s", "'y'"), ("c1", "# z")},
        ),
    ],
)
def test_what_stands_out_is_found(language, code, spans):
    marked = mark(SKETCHES[language], code)
    assert spans <= {
        (class_, unescape(text)) for class_, text in re.findall(r'<span class="(\w+)">([^<]*)</span>', marked)
    }
