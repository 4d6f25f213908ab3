"""Every page in every language, and the ways from one to the other."""

import json
import os
import re
import subprocess
import sys
from shutil import copy, copytree

import pytest
from django.conf import settings
from django.db import connection
from modeltranslation.translator import translator

from tests.support.make import make_mention, make_source, make_tag, make_trend
from tests.support.reading import alternates, by_role, language_switch, read, spoken, words
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
    assert f'<html lang="{language}" dir="ltr">' in response.content.decode()
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
    [switch] = by_role(read(client, "/en/trends/example-trend/"), "navigation", "Language")
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


def test_words_that_run_from_right_to_left_say_so(client):
    """Known from their language where it is known, else by their first letter."""
    trend = make_trend()
    arabic = make_source("a", title="GPT-5 (2025)!", language="ar", publisher="دار")
    unknown = make_source("b", title="כותרת (2025)!", language="")
    for words_said, language, source in [
        ("GPT-5: هذه مسألة تطبيق (GPT-5)!", "ar", arabic),
        ("דא איז (2025).", "yi", unknown),
        ("Das ist (2025).", "de", None),
    ]:
        mention = make_mention(words_said, language=language, source=source, translation_ja=None)
        TrendMention.objects.create(trend=trend, mention=mention)
    page = read(client, "/en/trends/example-trend/")
    directions = {
        quotation.get("lang"): quotation.get("dir") for quotation in page.iter("blockquote")
    }
    assert directions == {"ar": "rtl", "yi": "auto", "de": None}
    titles = {words(cite): (cite.get("lang"), cite.get("dir")) for cite in page.iter("cite")}
    assert titles == {"GPT-5 (2025)!": ("ar", "rtl"), "כותרת (2025)!": (None, "auto")}
    [heading] = read(client, "/en/sources/a/").iter("h1")
    [title] = heading.iter("cite")
    assert (title.get("lang"), title.get("dir")) == ("ar", "rtl")


def test_the_style_sheet_knows_no_left_and_right():
    css = (settings.BASE_DIR / "static/css/site.css").read_text()
    rules = re.findall(r"[\w-]+:[^;{}]+;", css)
    physical = r"(margin|padding|border|inset)?-?\b(left|right)\b|text-align: (left|right)|float:"
    sided = r"(margin|padding): (\S+) ([^\s(]+) (\S+) (?!\3;)\S+;"
    assert [rule for rule in rules if re.match(physical, rule) or re.match(sided, rule)] == []


def test_arabic_is_added_by_the_steps_of_the_readme(databases, tmp_path):
    """Steps 1 and 2; the catalogue of step 3 is a translator's. The page is in its direction."""
    for name in ("manage.py", "quotes", "trends", "trendsite", "templates", "static"):
        source = settings.BASE_DIR / name
        (copytree if source.is_dir() else copy)(source, tmp_path / name)
    (tmp_path / "var").mkdir()
    databases.copy_migrated_file(tmp_path / "var" / "db.sqlite3")
    module = tmp_path / "trendsite" / "settings.py"
    before = module.read_text()
    module.write_text(before.replace('("ja", "日本語")]', '("ja", "日本語"), ("ar", "العربية")]'))
    assert module.read_text() != before
    (tmp_path / "add.py").write_text(ADD_ARABIC)
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/var/db.sqlite3"}
    done = subprocess.run(
        [sys.executable, "add.py"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    pages = json.loads(done.stdout.splitlines()[-1])
    assert '<html lang="ar" dir="rtl">' in pages["ar"]
    assert "عنوان (2025)" in pages["ar"]
    assert '<html lang="en" dir="ltr">' in pages["en"]
    assert '<span lang="ar" dir="rtl">عنوان (2025)</span>' in pages["en"]
    assert 'hreflang="ar" lang="ar" dir="rtl"' in pages["en"]


ADD_ARABIC = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "trendsite.settings"
import django
django.setup()
from django.core.management import call_command
call_command("makemigrations", verbosity=0)
call_command("migrate", verbosity=0)
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings, setup_test_environment
from trends.models import Trend
Trend.objects.create(
    slug="a", status="growing", confidence="low", since="2025", published="2026-01-05",
    title_ar="\u200bعنوان (2025)", shift_ar="نص.",
)
setup_test_environment()
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
    print(json.dumps({
        code: Client().get(f"/{code}/trends/a/").content.decode() for code in ("ar", "en")
    }))
"""


def test_words_may_be_in_a_language_that_the_site_is_not_in(client):
    trend = make_trend()
    mention = make_mention("이것은 응용의 문제다.", language="ko", translation_en="It is.")
    TrendMention.objects.create(trend=trend, mention=mention)
    page = read(client, "/en/trends/example-trend/")
    assert spoken(page, "이것은") == {"ko"}
    assert [words(quotation) for quotation in page.iter("blockquote")] == ["It is."]
