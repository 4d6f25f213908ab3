"""Every page in every language, and the ways from one to the other."""

import pytest
from django.db import connection
from modeltranslation.translator import translator

from tests.support.make import make_mention, make_tag, make_trend
from tests.support.reading import alternates, by_class, language_switch, read, spoken, words
from trends.models import TrendMention
from trendsite.shared.translated import languages, translated_fields

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
PAGES = [
    "",
    "trends/example-trend/",
    "tags/strategy/",
    "audiences/enterprises/",
    "experts/mina-example/",
    "forecasts/",
    "changes/",
]


@pytest.fixture
def site():
    """A trend with words of an expert, under a tag."""
    trend = make_trend(
        tags=["strategy"], drivers=1, implications=1, timeline=1, mentions=1, assessments=2
    )
    trend.mentions.get().tags.add(make_tag("strategy"))
    return trend


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en;q=0.5", "ja"),
        ("en-GB", "en"),
        ("fr,ja;q=0.4", "ja"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        ("x" * 5000, "en"),
        ("ja;q=nothing", "en"),
    ],
)
def test_address_of_the_site_alone_leads_to_the_language_of_the_reader(client, accepted, language):
    response = client.get("/", headers={"accept-language": accepted})
    assert (response.status_code, response["Location"]) == (302, f"/{language}/")
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize("accepted", ["en", "ja"])
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("rest", PAGES)
def test_page_is_in_the_language_of_its_address_whatever_the_reader_accepts(
    client, site, rest, language, accepted
):
    response = client.get(f"/{language}/{rest}", headers={"accept-language": accepted})
    assert response["Content-Language"] == language
    assert f'<html lang="{language}">' in response.content.decode()
    assert "Accept-Language" not in response.get("Vary", "")


@pytest.mark.parametrize("rest", PAGES)
def test_page_names_itself_and_the_other_languages_the_same_way_in_each(client, site, rest):
    for language in languages():
        assert alternates(read(client, f"/{language}/{rest}")) == {
            "canonical": f"{SITE}/{language}/{rest}",
            "en": f"{SITE}/en/{rest}",
            "ja": f"{SITE}/ja/{rest}",
            "x-default": f"{SITE}/en/{rest}",
        }


@pytest.mark.parametrize("rest", PAGES)
def test_reader_switches_to_the_same_page_in_the_other_language(client, site, rest):
    assert language_switch(read(client, f"/en/{rest}")) == {
        "English": None,
        "日本語": f"/ja/{rest}",
    }
    assert language_switch(read(client, f"/ja/{rest}")) == {
        "English": f"/en/{rest}",
        "日本語": None,
    }


def test_languages_are_named_in_themselves(client, site):
    [switch] = by_class(read(client, "/en/trends/example-trend/"), "language-switch")
    [link] = switch.iter("a")
    assert (link.get("lang"), link.get("hreflang"), words(link)) == ("ja", "ja", "日本語")


@pytest.mark.parametrize(
    "missing",
    [{"title_ja": None}, {"shift_ja": None}, {"title_ja": None, "shift_ja": None}],
    ids=["title", "shift", "both"],
)
def test_trend_is_offered_only_where_title_and_shift_are_translated(client, missing):
    make_trend(**missing)
    page = read(client, "/en/trends/example-trend/")
    assert alternates(page) == {
        "canonical": f"{SITE}/en/trends/example-trend/",
        "en": f"{SITE}/en/trends/example-trend/",
        "x-default": f"{SITE}/en/trends/example-trend/",
    }
    assert language_switch(page) == {"English": None, "日本語 (not yet)": None}


def test_trend_in_japanese_alone_has_its_address_in_japanese(client):
    make_trend(title_en=None, subtitle_en=None, shift_en=None)
    address = f"{SITE}/ja/trends/example-trend/"
    for language in languages():
        assert alternates(read(client, f"/{language}/trends/example-trend/")) == {
            "canonical": address,
            "ja": address,
            "x-default": address,
        }


def test_trend_without_a_shift_is_offered_wherever_it_has_a_title(client):
    make_trend(shift_en=None, shift_ja=None)
    assert set(alternates(read(client, "/en/trends/example-trend/"))) >= {"en", "ja"}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("rest", PAGES)
def test_column_of_no_language_is_read_by_no_page(client, site, rest, language):
    """It holds what the last editor's language happened to be: see trendsite.shared.translated."""
    models = translator.get_registered_models(abstract=False)
    with connection.cursor() as cursor:
        for model in models:
            for field in translated_fields(model):
                column = model._meta.get_field(field).column
                cursor.execute(f"UPDATE {model._meta.db_table} SET {column} = 'unsuffixed'")
    assert len(models) >= 9
    assert "unsuffixed" not in client.get(f"/{language}/{rest}").content.decode()


def test_words_may_be_in_a_language_that_the_site_is_not_in(client):
    trend = make_trend()
    mention = make_mention("이것은 응용의 문제다.", language="ko", translation_en="It is.")
    TrendMention.objects.create(trend=trend, mention=mention)
    page = read(client, "/en/trends/example-trend/")
    assert spoken(page, "이것은") == {"ko"}
    assert [words(quotation) for quotation in page.iter("blockquote")] == ["It is."]
