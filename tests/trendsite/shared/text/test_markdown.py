"""Markdown: what editors may write, and what readers get of it."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.rules_block import reference

from tests.support.texts import texts
from trendsite.shared.text import markdown
from trendsite.shared.text.markdown import as_words, render_markdown


def html(text: str, language: str = "en", **options) -> str:
    return render_markdown(text, language, **options).replace("\n", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("> said", "<blockquote><p>said</p></blockquote>"),
        ("```\nx < y\n```", "<pre><code>x &lt; y</code></pre>"),
        ("---", "<hr>"),
        (
            "| a | b |\n|---|---|\n| 1 | 2 |",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
            "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        (
            '[a](https://example.org "b")',
            '<p><a href="https://example.org" title="b">a</a></p>',
        ),
        ("[a](mailto:a@example.org)", '<p><a href="mailto:a@example.org">a</a></p>'),
        ("<b>a</b> <!-- b -->", "<p>&lt;b&gt;a&lt;/b&gt; &lt;!-- b --&gt;</p>"),
        ("![a](https://example.org) b", "<p>![a](https://example.org) b</p>"),
        ('![*a*](/b "c_d_e")', '<p>![*a*](/b "c_d_e")</p>'),
        ("", ""),
    ],
)
def test_markdown_is_html(text, expected):
    assert html(text) == expected


@pytest.mark.parametrize(
    ("text", "below", "expected"),
    [
        ("# A\n\n## B", 2, "<h3>A</h3><h4>B</h4>"),
        ("### A\n\n#### B", 2, "<h3>A</h3><h4>B</h4>"),
        ("# A", 3, "<h4>A</h4>"),
        ("A\n===", 2, "<h3>A</h3>"),
        ("# A\n\n##### E\n\n###### F", 3, "<h4>A</h4><h6>E</h6><h6>F</h6>"),
    ],
)
def test_headings_stand_below_the_heading_above_them(text, below, expected):
    assert html(text, below=below) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<b onclick=alert(1)>a</b>",
        "<style>p { color: red }</style>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)",
        "[a](vbscript:x)",
        "<javascript:alert(1)>",
        "![a](https://example.org/pixel.gif)",
        '[a](https://example.org"onmouseover="alert(1))',
        "<!-- comment -->",
        "```html\n<script>alert(1)</script>\n```",
        "|a|\n|:-:|\n|b|",
    ],
)
def test_nothing_runs_and_nothing_is_loaded(text):
    page = html(text)
    for forbidden in ("<script", "<b", "<style", "<img", "style=", "<!--", 'href="javascript'):
        assert forbidden not in page
    assert 'href="data:' not in page
    assert ' onmouseover="' not in page


# Bare addresses


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("See https://example.org/a.", ["https://example.org/a"]),
        (
            "(https://example.org/a_(b)), [http://example.org]",
            ["https://example.org/a_(b)", "http://example.org"],
        ),
        (
            "(https://a.example/b),(https://c.example/d)",
            ["https://a.example/b", "https://c.example/d"],
        ),
        (
            "“https://example.org/c”—“https://example.org/d…”",
            ["https://example.org/c", "https://example.org/d"],
        ),
        ("*https://example.org/a_b_c*", ["https://example.org/a_b_c"]),
        ("詳細はhttps://example.org/docs（説明）を", ["https://example.org/docs"]),
        (
            "https://example.jpはhttps://example.comの",
            ["https://example.jp", "https://example.com"],
        ),
        (
            "https://example.org/a?b=1#cを。https://example.org/参照",
            ["https://example.org/a?b=1#c", "https://example.org/"],
        ),
        (
            "「https://example.org/a」、https://example.org/b。",
            ["https://example.org/a", "https://example.org/b"],
        ),
        (
            "https://example.org/a에서 https://example.org/bและ",
            ["https://example.org/a", "https://example.org/b"],
        ),
        ("価格[^a]はhttps://example.org/x[^b]に", ["https://example.org/x"]),
        (
            "https://日本語.jp/を https://президент.рф/ https://bücher.example/ü",
            [
                "https://xn--wgv71a119e.jp/",
                "https://xn--d1abbgf6aiiy.xn--p1ai/",
                "https://xn--bcher-kva.example/%C3%BC",
            ],
        ),
        ("https://ja.wikipedia.org/wiki/%E4%BA%BAを", ["https://ja.wikipedia.org/wiki/%E4%BA%BA"]),
        (
            "http://my_site.example:8080/a&b HTTPS://127.0.0.1/",
            ["http://my_site.example:8080/a&amp;b", "HTTPS://127.0.0.1/"],
        ),
    ],
    ids=ascii,
)
def test_bare_addresses_are_links_without_what_follows(text, addresses):
    assert re.findall('href="([^"]*)"', html(text, "ja")) == addresses


@pytest.mark.parametrize(
    "text",
    [
        "`https://example.org`",
        "    https://example.org",
        "https://example",
        "https://user:password@example.org/",
        "https://ja.wikipedia.org/wiki/人工知能を",  # nobody knows where it ends
        r"https://example.org/a\_b",
        "javascript://example.org/%0aalert(1)",
        "ftp://example.org/ xhttps://example.org www.example.org README.md",
        "![a](https://example.org/a.png)",
    ],
    ids=ascii,
)
def test_what_is_no_bare_address_stays_as_it_is(text):
    assert "<a" not in html(text, "ja")


def test_an_address_within_a_link_is_no_second_link():
    page = html("[see https://example.org/a here](https://example.org/b) <https://example.org/c>")
    assert re.findall('href="([^"]*)"', page) == ["https://example.org/b", "https://example.org/c"]


@pytest.mark.parametrize("code", ["%EF%B7%905%EF%B7%91", "%0B", "%1F", "%E2%80%AE", "%E2%80%8B"])
@pytest.mark.parametrize("text", ["https://example.org/{}", "<https://example.org/{}>"])
def test_addresses_show_no_character_that_texts_cannot_have(text, code):
    address = f"https://example.org/{code}"
    page = render_markdown(text.format(code), "en", marks=["1"])
    assert page == f'<p><a href="{address}">{address}</a></p>\n'


@pytest.mark.parametrize("code", ["&#8238;", "&#x202e;", "&ZeroWidthSpace;", "&shy;", "&#xfeff;"])
def test_codes_of_characters_do_not_bring_back_invisible_ones(code):
    assert html(f"some{code}thing") == "<p>something</p>"
    assert (
        html(f"`some{code}thing`") == f"<p><code>some{code.replace('&', '&amp;')}thing</code></p>"
    )


@given(st.text(st.sampled_from("ab/.:?#()[]_*%&=～。、はア漢ü한 \n^`|<>"), max_size=20))
def test_any_text_behind_an_address_is_shown_once(text):
    page = html(f"https://example.org{text}", "en")
    assert page.count("<a") == page.count("</a>") <= 1
    assert "https://example.org" in re.sub("<[^>]*>", "", page)


# Readings of kanji


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "｜漢字《かんじ》と",
            "<ruby>漢字<rp>（</rp><rt>かんじ</rt><rp>）</rp></ruby>と",
        ),
        (
            "**｜<i>《A & B》**",
            "<strong><ruby>&lt;i&gt;<rp>（</rp><rt>A &amp; B</rt><rp>）</rp></ruby></strong>",
        ),
        ("`｜漢字《かんじ》`", "<code>｜漢字《かんじ》</code>"),
        ("《重要》と漢字《かんじ》", "《重要》と漢字《かんじ》"),
        ("｜《か》｜漢《》", "｜《か》｜漢《》"),
    ],
)
def test_kanji_have_their_reading_above(text, expected):
    assert html(text, "ja") == f"<p>{expected}</p>"


# Beside full-width punctuation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**太字。**次", "<strong>太字。</strong>次"),
        ("前**「引用」**後", "前<strong>「引用」</strong>後"),
        ("これは**重要**です", "これは<strong>重要</strong>です"),
        ("*強調、*そして", "<em>強調、</em>そして"),
        ("**AI（人工知能）**が", "<strong>AI（人工知能）</strong>が"),
    ],
)
def test_emphasis_works_beside_full_width_punctuation(text, expected):
    assert html(text, "ja") == f"<p>{expected}</p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一行目。\n二行目。", "一行目。二行目。"),
        ("始めた。\n16日に", "始めた。16日に"),
        ("価格は20%\n上がった", "価格は20%上がった"),
        ("**太字**\n次", "<strong>太字</strong>次"),
        ("終わる。  \n次", "終わる。<br>\n次"),
    ],
)
def test_japanese_lines_join_without_a_space(text, expected):
    assert render_markdown(text, "ja") == f"<p>{expected}</p>\n"


def test_latin_words_in_japanese_keep_their_space():
    assert render_markdown("Open\nAI", "ja") == "<p>Open\nAI</p>\n"


def test_english_lines_join_with_a_space():
    assert render_markdown("One\ntwo", "en") == "<p>One\ntwo</p>\n"


@given(texts())
def test_plain_text_written_as_markdown_is_shown_as_it_is(text):
    html = MarkdownIt("commonmark").render(as_words(text))
    assert unescape(html.removeprefix("<p>").removesuffix("</p>\n")) == " ".join(text.split())


def test_each_definition_looks_at_the_next_lines_only(monkeypatch):
    seen = []

    def watched(state, start, end, silent):
        seen.append(state.lineMax - start)
        return reference(state, start, end, silent)

    monkeypatch.setattr(markdown, "reference", watched)
    html = render_markdown("\n".join(f"[{n}]: /x{n}" for n in range(500)) + "\n\n[499]", "en")
    assert (len(seen), max(seen)) == (501, 3)
    assert 'href="/x499"' in html


def test_scheme_of_an_address_is_looked_for_at_the_end_only(monkeypatch):
    """Else a text that repeats `http://` takes time that grows with the square of its length."""
    asked = []

    class Scheme:
        def search(self, text, start=0):
            asked.append(len(text) - start)

    monkeypatch.setattr(markdown, "_SCHEME", Scheme())
    render_markdown("http://" * 50, "en")
    assert max(asked) == len("https")


def test_address_of_many_names_takes_no_time_that_doubles_with_each():
    """Which shows by itself: thirty names took minutes."""
    text = f"https://{'a.' * 500}"
    assert render_markdown(text, "en") == f"<p>{text}</p>\n"


def test_definition_may_have_its_address_and_title_on_lines_of_their_own():
    html = render_markdown("[a]:\n/address\n'A title'\n[b]: /second\n\n[a], [b]", "en")
    assert re.findall(r'href="([^"]+)"', html) == ["/address", "/second"]
