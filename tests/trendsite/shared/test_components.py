"""Components that are rendered once for each set of values, and tags in place of includes."""

import pytest
from django.utils import translation
from django.utils.safestring import mark_safe

from quotes.models import Expert, Mention, Source
from quotes.templatetags.quotations import quotation, role, source_in_full
from trends.models import Trend
from trends.pictures.drawing import text_at
from trends.templatetags.evidence import judgement
from trends.templatetags.svg import svg_texts
from trendsite.shared.paths import path_to
from trendsite.shared.templatetags.texts import rendered, tag_list

JUDGEMENT = "components/judgement.html"


def test_a_stored_component_tells_a_safe_text_from_the_same_text_unescaped():
    assert "<b>Bold</b>" in rendered(JUDGEMENT, status_label=mark_safe("<b>Bold</b>"))
    assert "&lt;b&gt;Bold" in rendered(JUDGEMENT, status_label="<b>Bold</b>")


def test_a_stored_component_is_of_one_language_and_of_its_values():
    with translation.override("en"):
        assert "Confidence" in rendered(JUDGEMENT, status="growing")
    with translation.override("ja"):
        assert "Confidence" not in rendered(JUDGEMENT, status="growing")
        assert "is-emerging" in rendered(JUDGEMENT, status="emerging")


def test_the_components_of_a_debug_server_are_read_anew(settings, tmp_path):
    settings.DEBUG = True
    for words in ("Before", "After"):
        folder = tmp_path / words
        folder.mkdir()
        (folder / "component.html").write_text(words)
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [folder]}]
        assert rendered("component.html") == words


def test_paths_are_of_the_active_language():
    for language in ("en", "ja", "en"):
        with translation.override(language):
            assert path_to("tag", "cost") == f"/{language}/tags/cost/"


def test_a_judgement_shows_what_its_confidence_is_of_in_the_readers_language():
    trend = Trend(status="growing", confidence="low", confidence_of_ja="主張<")
    with translation.override("en"):
        shown = judgement(trend, claim=True)
        assert '<span lang="ja">主張&lt;</span>' in shown
        assert "growing" in shown
        assert "主張" not in judgement(trend)


def test_a_source_is_escaped_and_shows_what_is_known():
    source = Source(url="https://example.org/?a=1&b=2", title="<Report>", publisher="A & B")
    assert source_in_full(source) == (
        '<a class="source" href="https://example.org/?a=1&amp;b=2">'
        '<cite dir="auto">&lt;Report&gt;</cite></a>&nbsp;· <bdi>A &amp; B</bdi>'
    )
    plain = Source(url="https://example.org/", language="ja")
    assert source_in_full(plain) == (
        '<a class="source" href="https://example.org/" hreflang="ja">'
        '<cite lang="ja">https://example.org/</cite></a>'
    )


@pytest.mark.parametrize(
    ("role_of", "affiliation", "shown"),
    [
        ("Chief <i>", "Example", '<p class="role">Chief &lt;i&gt;, Example</p>'),
        ("Chief", None, '<p class="role">Chief</p>'),
        (None, "100% Example", '<p class="role">100% Example</p>'),
        (None, None, ""),
    ],
)
def test_a_role_is_shown_as_far_as_it_is_known(role_of, affiliation, shown):
    with translation.override("en"):
        assert role(Expert(role_en=role_of, affiliation_en=affiliation)) == shown


def test_the_texts_of_a_picture_are_escaped():
    lines = [text_at(1, 2.04, "a < b"), text_at(3, 4, "c")]
    assert svg_texts(lines, css_class="year") == (
        '<text class="year" x="1" y="2.0">a &lt; b</text><text class="year" x="3" y="4">c</text>'
    )


def test_no_tags_are_no_list():
    assert tag_list([]) == ""


@pytest.mark.parametrize(
    ("language", "translated", "shown"),
    [
        ("en", "訳", '<blockquote lang="en" cite="https://a.example/?b&amp;c">'),
        ("ja", "訳 < 文", '<blockquote cite="https://a.example/?b&amp;c"><p>訳 &lt; 文</p>'),
        ("ja", None, '<p class="untranslated">翻訳はまだありません。</p>'),
    ],
)
def test_a_quotation_is_in_the_words_of_the_reader(language, translated, shown):
    words = "One <i>.\n\nTwo."
    source = Source(url="https://a.example/?b&c")
    mention = Mention(original=words, language="en", translation_ja=translated, source=source)
    with translation.override(language):
        html = quotation(mention)
    assert shown in html
    assert "<p>One &lt;i&gt;.</p>\n<p>Two.</p>" in html
    assert ("原文：" in html) == (language == "ja" and translated is not None)
