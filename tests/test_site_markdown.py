"""READMEs are hostile: what comes out is safe, says what was written, and ends in bounded time."""

import re
import time
from html import unescape

import comrak
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmsite.formats import written
from cmsite.site import markdown
from cmsite.site.highlight import highlight
from cmsite.site.page import TocEntry
from cmsite.site.rewriting import Rewriter
from cmsite.site.shell import Slot

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [a-z-]+=\"[^\"]*\")*)>")


class Elsewhere:
    """Complete addresses stay, `page` is another artifact, `pic.png` an image; nothing else is known."""

    def link(self, target: str) -> str:
        if target.startswith(("https://", "http://", "mailto:")):
            return target
        return "../../page/" if target == "page" else ""

    def image(self, target: str) -> str:
        return "img-0.png" if target == "pic.png" else ""


def html(text: str) -> str:
    return markdown.render(text, Elsewhere(), prefix="text1-").html


def check_safe(result: str) -> None:
    """Every tag is one of those allowed, with allowed attributes; no address but complete ones and ours."""
    rest = _TAG.sub("", result)
    assert "<" not in rest, rest
    for _, name, attributes in _TAG.findall(result):
        assert name in markdown._TAGS | {"th"}, name
        for key, value in re.findall(r" ([a-z-]+)=\"([^\"]*)\"", attributes):
            assert key != "style"
            assert not key.startswith("on"), key
            if key in ("href", "src"):
                assert value.startswith(("https://", "http://", "mailto:", "#text1-", "../../page/", "img-0.png")), (
                    value
                )
            if key == "src":
                assert value == "img-0.png"
            if key == "id":
                assert value.startswith("text1-")
    ids = [value for _, _, attributes in _TAG.findall(result) for value in re.findall(r' id="([^"]*)"', attributes)]
    assert len(ids) == len(set(ids))


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt&colon;alert(1))",
    "[a](\x01javascript:alert(1))",
    "[a](java\nscript:alert(1))",
    "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=https://example.org></iframe>",
    "<form action=https://example.org><input type=text name=a><button>x</button></form>",
    "<style>@import url(https://example.org/a.css);</style>",
    "<p style='background:url(https://example.org/a.png)'>p</p>",
    "<base href=https://example.org/>",
    "<link rel=stylesheet href=https://example.org/a.css>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<object data=https://example.org></object><embed src=https://example.org>",
    "<a href='//example.org/a'>a</a>",
    "<a href='\\\\example.org\\a'>a</a>",
    "<img src='https://example.org/track.png'>",
    "<img srcset='https://example.org/track.png 1x'>",
    "<video src=https://example.org poster=https://example.org></video>",
    "<p id=start>a</p><h1 id=__search>b</h1>",
    '<p title="&quot; onmouseover=&quot;alert(1)">a</p>',
    '![a" onerror="alert(1)](https://example.org/"onerror="alert(1))',
    '[a](page "t&quot; onclick=&quot;alert(1)")',
    '```"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```',
    "<pre lang='\"><script>alert(1)</script>'><code></code><script>alert(1)</script></pre>",
    "<details ontoggle=alert(1) open><summary>a</summary></details>",
    "<!-- --!> <script>alert(1)</script> -->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<table><tr><td align='center\" onclick=\"alert(1)'>a</td></tr></table>",
    "<h1 align=center onclick=alert(1)>a <img src=x onerror=alert(1)></h1>",
    "<a name='x\" onclick=\"alert(1)'>a</a>",
    "<div class='md-overlay cm-badge mermaid'>graph TD</div>",
    "```mermaid\ngraph TD\n```",
    "<xmp><script>alert(1)</script></xmp><plaintext>",
    "\ufeff<script\x00>alert(1)</script>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_html_is_harmless(text: str) -> None:
    result = html(f"before\n\n{text}\n\nafter")
    check_safe(result)
    assert "<script" not in result
    assert "mermaid" not in "".join(re.findall(r'class="[^"]*"', result))
    assert "before" in result


@given(
    st.lists(
        st.sampled_from(
            (*HOSTILE, "<b>", "</a>", "<a href=page>", "`", "*", "|", "\n", "> ", "# h\n", '"', "<!--", "x")
        )
    )
)
def test_mixtures_are_harmless(parts: list[str]) -> None:
    check_safe(html("".join(parts)))


@given(st.text())
def test_any_text_is_harmless(text: str) -> None:
    check_safe(html(text))


def test_braces_and_our_own_markers_survive_literally() -> None:
    markers = " ".join(slot.value for slot in Slot)
    text = f"{{{{ config }}}} {{% block content %}} {markers} {{{{ '{{{{' }}}}"
    result = html(text)
    assert "{{ config }} {% block content %}" in result
    assert markers in result


def test_headings_stand_below_the_pages_own_and_have_ids_of_their_own() -> None:
    result = markdown.render("# One\n\ntext\n\n## Two\n\n# One\n", Elsewhere(), prefix="text1-")
    assert [found[0] for found in re.findall(r"<(h\d) id=\"([^\"]*)\"", result.html)] == ["h3", "h4", "h3"]
    assert result.toc == (TocEntry(title="One", anchor="text1-one"), TocEntry(title="One", anchor="text1-one-1"))
    assert 'href="#text1-one"' in result.html


def test_a_heading_that_repeats_the_title_is_left_out() -> None:
    text = "# Get CUDA\n\ntext\n\n## Usage\n\n## More\n"
    result = markdown.render(text, Elsewhere(), prefix="text1-", title="get-cuda")
    assert result.html.startswith('<p>text</p>\n<h3 id="text1-usage">')
    assert [entry.title for entry in result.toc] == ["Usage", "More"]
    other = markdown.render(text, Elsewhere(), prefix="text1-", title="other")
    assert '<h3 id="text1-get-cuda">' in other.html
    assert [entry.title for entry in other.toc] == ["Usage", "More"]


def test_links_within_the_text_lead_to_its_headings() -> None:
    assert '<a href="#text1-usage">there</a>' in html("[there](#usage)\n\n## Usage\n")


def test_a_link_that_leads_nowhere_becomes_text() -> None:
    assert (
        html("[word](gone.md)") == '<p><span class="cm-dead" title="not in this catalogue: gone.md">word</span></p>\n'
    )


def test_images_elsewhere_are_named_and_never_loaded() -> None:
    result = html(
        "![A plot](https://example.org/plot.png) [![build](https://example.org/badge.svg)](https://example.org/ci)"
    )
    assert "<img" not in result
    assert (
        '<a class="cm-image" href="https://example.org/plot.png" rel="nofollow noopener noreferrer">A plot</a>'
        in result
    )
    assert (
        '<a href="https://example.org/ci" rel="nofollow noopener noreferrer"><span class="cm-image">build</span></a>'
        in result
    )


def test_the_dialect_of_github() -> None:
    result = html(
        "| a | b |\n|:-:|--:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n~~no~~ https://example.org x[^1]\n\n> [!WARNING]\n> hot\n\n[^1]: note\n"
    )
    assert '<th class="cm-center" scope="col">a</th>' in result
    assert '<td class="cm-right">2</td>' in result
    assert '<span role="img" aria-label="done">☑</span> done' in result
    assert "<del>no</del>" in result
    assert '<div class="admonition warning">\n<p class="admonition-title">Warning</p>' in result
    assert 'id="text1-fn-1"' in result


def test_code_is_coloured_escaped_and_says_what_was_written() -> None:
    code = 'for x in a; do echo "$x <b>"; done # <script>\n'
    result = html(f"```bash\n{code}```\n")
    assert '<span class="k">for</span>' in result
    assert (
        re.sub("<[^>]*>", "", result).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
        == code.strip()
    )


@given(
    st.text(max_size=200), st.sampled_from(("bash", "python", "yaml", "json", "c", "rust", "console", "unknown", ""))
)
def test_colours_never_change_the_text(code: str, language: str) -> None:
    marked = highlight(f"{code}\n", language)
    assert unescape(re.sub(r'</span>|<span class="[a-z0-9]+">', "", marked)) == f"{code}\n"


def test_latin_1_is_read_with_a_note() -> None:
    text, notes = written.decode("Größe".encode("latin-1"))
    assert text == "Größe"
    assert "not UTF-8" in notes[0]
    assert written.decode("\ufeffGröße".encode()) == ("Größe", ())


def test_five_megabytes_are_cut_with_a_note() -> None:
    result = markdown.render("word " * 20 + "\n" + "A line of text.\n" * 350_000, Elsewhere(), prefix="text1-")
    assert "Only the first 256 KB" in result.notes[0]
    assert len(result.html) < 2 * markdown.MAX_TEXT


@pytest.mark.parametrize(
    "text",
    [
        ">" * 200_000 + "a",
        "- " * 100_000 + "a",
        "- > " * 50_000 + "a",
        "# a\n" * 60_000,
        "|a" * 3_000 + "|\n" + "|-" * 3_000 + "|\n" + "|b\n" * 10_000,
        "[" * 200_000,
        "*a **b " * 30_000,
        "<b>" * 60_000,
        "```bash\n" + '"\\' * 9_000 + "\n```",
        "```python\n" + '"""\\' * 4_000 + "\n```",
    ],
    ids=["quotes", "lists", "mixed", "headings", "table", "brackets", "stars", "tags", "bash", "python"],
)
def test_hostile_size_ends_soon(text: str) -> None:
    start = time.process_time()
    result = markdown.render(text, Elsewhere(), prefix="text1-")
    assert time.process_time() - start < 10  # Each took at most 0.3 s; without the bounds 2 s to hours.
    assert len(result.html) < 16 * markdown.MAX_TEXT


_MARKDOWN = st.lists(
    st.sampled_from(
        [
            '# Title *x* & "q"', "## Title", 'text [l](a.md "t") and ![i](x.png)', "- [x] done", "- item", "1. a", "> quote",
            "| a | b |\n|:-:|--:|\n| 1 | `2` |", '```bash\nls < "x"\n```', "    indented & <b>", "www.example.org", "~~x~~ **y**",
            "> [!NOTE]\n> hi", "[j](javascript:x) [d](data:text/html,x)", "<https://example.org/?a=1&b=2>", "***", "a<b>c</b>", "<!-- c -->",
        ]
    )
    | st.text(max_size=20),
    max_size=8,
).map("\n\n".join)  # fmt: skip


@given(_MARKDOWN)
def test_text_without_raw_html_is_the_same_without_the_cleaner(text):
    """What comrak's safe mode leaves is what nh3 would leave: nobody can tell which way a text went."""
    text = text.replace("\0", "")
    options = {"with_ids": True, "with_tables": True}
    if "<!--" in comrak.render_markdown(text, *markdown._options("p-", raw=False, **options)):
        return
    quick = markdown._cleaned(text, "p-")[0]
    cleaned = markdown._cleaner("p-").clean(comrak.render_markdown(text, *markdown._options("", raw=True, **options)))
    both = [unescape(Rewriter(Elsewhere(), "p-", 1).rewrite(html)) for html in (quick, cleaned)]
    assert both[0].replace("\xa0", " ") == both[1].replace("\xa0", " ")
