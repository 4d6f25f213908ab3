"""Texts in several languages: which one a reader gets, and what counts as missing."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.template import Context, Template
from django.utils import translation

from quotes.models import Mention
from tests.support.make import make_expert, make_mention, make_trend
from trends.models import Driver, Trend
from trendsite.shared.translated import (
    TranslatedText,
    column,
    columns,
    languages,
    recorded_fallbacks,
    shown,
    translated,
    translated_fields,
    translations,
    written,
    written_in,
)


def test_columns_are_named_by_field_and_language():
    assert languages() == ("en", "ja")
    assert columns("title", "shift") == ["title_en", "title_ja", "shift_en", "shift_ja"]
    assert column("title", "zh-hant") == "title_zh_hant"


def test_the_translated_fields_of_a_model_are_known():
    assert translated_fields(Trend) == [
        "title",
        "title_reading",
        "subtitle",
        "key_points",
        "confidence_of",
        "shift",
        "retired_note",
    ]
    assert translated_fields(Mention) == ["translation", "occasion"]
    assert translated_fields(Trend.related.through) == []


@pytest.mark.parametrize(
    ("texts", "wanted", "text", "language"),
    [
        ({"title_en": "One", "title_ja": "一"}, "en", "One", "en"),
        ({"title_en": "One", "title_ja": "一"}, "ja", "一", "ja"),
        ({"title_en": "One"}, "ja", "One", "en"),
        ({"title_ja": "一"}, "en", "一", "ja"),
        ({"title_en": "", "title_ja": "一"}, "en", "一", "ja"),
        ({}, "ja", "", "ja"),
    ],
)
def test_a_reader_gets_their_language_or_the_one_that_stands_in(texts, wanted, text, language):
    trend = Trend(**texts)
    expected = TranslatedText(text, language, wanted)
    assert translated(trend, "title", wanted) == expected
    with translation.override(wanted):
        assert translated(trend, "title") == expected
    assert str(expected) == text
    assert expected.is_fallback == (language != wanted)


def test_translations_are_those_that_there_are():
    assert translations(Trend(title_en="One", title_ja="一"), "title") == {"en": "One", "ja": "一"}
    assert translations(Trend(title_ja="一"), "title") == {"ja": "一"}
    assert translations(Trend(), "title") == {}


def test_a_site_without_an_active_language_reads_its_own():
    with translation.override(None):
        assert translated(Trend(title_en="One", title_ja="一"), "title").text == "One"


@pytest.mark.django_db
def test_rows_are_found_by_the_languages_they_are_written_in():
    make_trend("both")
    make_trend("english", title_ja=None)
    make_trend("japanese", title_en=None)

    def found(condition):
        return [trend.slug for trend in Trend.objects.filter(condition)]

    assert found(written_in("title", "en")) == ["both", "english"]
    assert found(written_in("title", "ja")) == ["both", "japanese"]
    assert found(written("title")) == ["both", "english", "japanese"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ja"])
def test_saving_keeps_texts_without_blanks_at_their_ends(language):
    with translation.override(language):
        trend = make_trend(title_en="  One ", subtitle_ja=" \u3000 ", shift_en="a\r\n\r\nb\r\n")
    trend.refresh_from_db()
    assert (trend.title_en, trend.subtitle_ja, trend.shift_en) == ("One", None, "a\n\nb")
    assert (trend.title_ja, trend.subtitle_en) == (
        "example-trendの題",
        "Subtitle of example-trend",
    )


@pytest.mark.django_db
def test_saving_keeps_the_words_of_a_quotation_as_a_fixture_would_read_them():
    mention = make_mention(" First line.\r\nSecond line.\r\n")
    mention.refresh_from_db()
    assert mention.original == "First line.\nSecond line."


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ja"])
def test_cleaning_copies_no_text_into_the_active_language(language):
    with translation.override(language):
        trend = make_trend(title_ja=None, subtitle_en=None)
        trend.full_clean()
        trend.save()
    trend.refresh_from_db()
    assert (trend.title_ja, trend.subtitle_en) == (None, None)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_text_that_is_too_long_is_told_once_and_in_its_language(language):
    trend = Trend(title_en="x" * 201)
    with translation.override(language), pytest.raises(ValidationError) as caught:
        trend.clean_fields(exclude=["slug", "status", "confidence", "since"])
    assert list(caught.value.message_dict) == ["title_en"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_required_text_is_missed_in_the_language_in_use(language):
    driver = Driver(trend=make_trend(), heading_en=" ")
    with translation.override(language), pytest.raises(ValidationError) as caught:
        driver.full_clean()
    assert list(caught.value.message_dict) == [f"heading_{language}"]
    driver.heading_ja = "要因"
    driver.full_clean()


@pytest.mark.django_db
def test_the_database_refuses_a_blank_text_and_a_missing_required_one():
    expert = make_expert()
    for values, constraint in [
        ({"role_ja": ""}, "quotes_expert_no_blank_text"),
        ({"name_en": None, "name_ja": None}, "quotes_expert_has_name"),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            type(expert).objects.filter(pk=expert.pk).update(**values)


class TestRecordedFallbacks:
    """Which languages a page showed instead of its own."""

    def render(self, template: str, trend: Trend) -> tuple[str, set[str]]:
        with recorded_fallbacks() as shown_languages:
            text = Template("{% load texts %}" + template).render(Context({"trend": trend}))
        return text, shown_languages

    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ('{% text trend "title" %}', {"ja"}),
            ('{% text trend "title" as title %}', {"ja"}),
            ('{% prose_parts trend "title" blocks=1 as part %}', {"ja"}),
            ('{% text trend "subtitle" %}', set()),
            ('{% text trend "shift" %}', set()),
            ('{{ trend|plain:"title" }}', set()),
        ],
    )
    def test_counts_what_the_tags_show(self, template, expected):
        trend = Trend(title_ja="一", subtitle_en="One", subtitle_ja="一")
        assert self.render(template, trend)[1] == expected

    def test_counts_what_an_isolated_component_shows(self):
        trend = Trend(title_ja="一", slug="one", status="growing", confidence="low")
        component = '{% include "components/trend_link.html" with trend=trend only %}'
        text, shown_languages = self.render(component, trend)
        assert '<span lang="ja">一</span>' in text
        assert shown_languages == {"ja"}

    def test_each_page_has_a_record_of_its_own(self):
        trend = Trend(title_ja="一")
        with recorded_fallbacks() as outer:
            assert self.render('{% text trend "title" %}', trend)[1] == {"ja"}
            assert outer == set()
        assert str(shown(trend, "title")) == "一"  # outside of any record
