"""Texts have one form, whichever way they come in; those of an older database get it too."""

import json
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation

from quotes.models import Expert, Mention, Source, Video
from tests.support.days import yesterday
from tests.support.editing import ADD_TREND, errors, form_data, make_editor, send, trend_url
from tests.support.loading import MINIMAL, changed, load_texts, refusal_of
from tests.support.make import date, make_expert, make_mention, make_trend
from trends.models import Driver, Trend
from trends.search.results import search
from trendsite.shared.models import Tag

TITLE = "Ein Gesamt\u00adkon\u200bzept für Cafe\u0301s \ufeff"
STORED = "Ein Gesamtkonzept für Cafés"
QUOTATION = "데이터\u3164 が すべて。\u200b"


# Files


@pytest.mark.django_db
def test_a_file_is_read_in_the_form_of_every_text(tmp_path):
    text = changed(MINIMAL, ("en: Minimal", f'en: "{TITLE}", ja: "\u200b"'))
    text += f"""
    drivers:
      - heading: {{en: "{TITLE}", ja: "{unicodedata.normalize("NFD", "データがすべて")}"}}
    """
    load_texts(tmp_path, a=text)
    trend = Trend.objects.get()
    assert (trend.title_en, trend.title_ja) == (STORED, None)
    driver = trend.drivers.get()
    assert (driver.heading_en, driver.heading_ja) == (STORED, "データがすべて")
    assert driver.key == "ein-gesamtkonzept-fur-cafes"


@pytest.mark.django_db
def test_a_title_of_nothing_visible_is_missing_in_a_file(tmp_path):
    lines = refusal_of(tmp_path, changed(MINIMAL, ("en: Minimal", 'en: "\u3164", ja: "\u2800"')))
    assert lines == ["a.yaml:5: title: Enter this in at least one language."]


@pytest.mark.django_db
def test_a_control_character_in_a_file_is_named_with_its_line(tmp_path):
    lines = refusal_of(tmp_path, changed(MINIMAL, ("Minimal", r'"a\x08b"')))
    assert lines == ["a.yaml:5: title.en: remove the control character U+0008 (backspace)"]


@pytest.mark.django_db
def test_the_same_words_in_other_forms_are_told_in_a_file(tmp_path):
    make_expert()
    words = [
        "It’s データ.",
        "It's\u00a0デ\u30fcタ.\u200b",
        unicodedata.normalize("NFD", "It's データ."),
    ]
    mentions = "".join(f'  - {{expert: mina-example, original: "{text}"}}\n    ' for text in words)
    lines = refusal_of(tmp_path, changed(MINIMAL) + f"    mentions:\n    {mentions}")
    assert lines == [
        "a.yaml:8: mentions[1]: this quotation is already on line 7",
        "a.yaml:9: mentions[2]: this quotation is already on line 7",
    ]


@pytest.mark.django_db
def test_a_file_in_another_form_keeps_the_links_of_its_rows(tmp_path):
    make_expert()
    text = (
        changed(MINIMAL)
        + """
    drivers: [{heading: {ja: がく ぱら}}]
    mentions: [{expert: mina-example, original: ばぶ ペた}]
    """
    )
    load_texts(tmp_path, a=text)
    before = (Driver.objects.get().key, Mention.objects.get().key, Mention.objects.get().pk)
    load_texts(tmp_path, a=unicodedata.normalize("NFD", text).replace("ば", "ば\u200b"))
    assert (Driver.objects.get().key, Mention.objects.get().key, Mention.objects.get().pk) == before


@pytest.mark.django_db
def test_a_fixture_of_django_is_read_in_the_form_of_every_text(tmp_path):
    path = tmp_path / "rows.yaml"
    fields = {"slug": "mina-example", "name_en": f" {TITLE}", "name_ja": "\u200b"}
    path.write_text(json.dumps([{"model": "quotes.expert", "pk": 1, "fields": fields}]))
    call_command("loaddata", str(path), verbosity=0)
    expert = Expert.objects.get()
    assert (expert.name_en, expert.name_ja) == (STORED, None)


# The admin


@pytest.fixture
def editor(client):
    client.force_login(make_editor())
    return client


@pytest.mark.django_db
def test_a_form_takes_the_form_of_every_text(editor):
    trend = make_trend()
    form = form_data(editor, trend_url(trend))
    long = "e\u0301" * 200  # 200 characters, typed as 400
    response = send(
        editor, trend_url(trend), form, title_en=long, title_ja="\u200b", shift_en=f"a\r\n{TITLE}"
    )
    assert response.status_code == 302, errors(response)
    trend.refresh_from_db()
    assert (trend.title_en, trend.title_ja) == ("é" * 200, None)
    assert trend.shift_en == f"a\n{STORED}"


@pytest.mark.django_db
def test_a_title_of_nothing_visible_is_asked_for_in_a_form(editor):
    form = form_data(editor, ADD_TREND)
    response = send(editor, ADD_TREND, form, title_en="\u200b\ufeff", title_ja="\u3164")
    assert errors(response)["title_en"] == ["Enter this in at least one language."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "Remove the control character U+000B (vertical tabulation)."),
        ("ja", "制御文字U+000B (vertical tabulation)を取り除いてください。"),
    ],
)
def test_a_control_character_is_named_beside_its_field(editor, language, message):
    trend = make_trend()
    form = form_data(editor, trend_url(trend))
    editor.cookies["django_language"] = language
    response = send(editor, trend_url(trend), form, subtitle_en="a\x0bb", shift_ja="一\x0b二")
    assert errors(response) == {"subtitle_en": [message], "shift_ja": [message]}
    assert response.context["adminform"].form["subtitle_en"].value() == "a\x0bb"


@pytest.mark.django_db
def test_the_same_words_are_refused_in_a_form(editor):
    make_mention("It's a fact.")
    url = "/admin/quotes/mention/add/"
    expert = Expert.objects.get()
    response = send(
        editor, url, form_data(editor, url), expert=expert.pk, original="It’s a\u00a0fa\u00adct."
    )
    assert errors(response) == {"": ["This quotation has already been added."]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "names"),
    [
        (lambda: Source(key="a", url="https://example.org/", title="a\x08"), ["title"]),
        (lambda: Video(platform="vimeo", video_id="12345", channel="\x1b"), ["channel"]),
        (lambda: Tag(slug="a", label_en="a\x7f", label_ja="\ufffe"), ["label_en", "label_ja"]),
    ],
)
def test_every_row_refuses_control_characters(row, names):
    with pytest.raises(ValidationError) as caught:
        row().full_clean()
    assert sorted(caught.value.message_dict) == names


# The search


@pytest.mark.django_db
def test_a_control_character_in_a_query_is_named_beside_the_field(client):
    page = client.get("/en/search/", {"q": "a\x0bb"}).content.decode()
    assert "Remove the control character U+000B (vertical tabulation)." in page


# Databases of before

BEFORE = [
    ("trends", "0007_wider_partial_dates"),
    ("quotes", "0005_wider_partial_dates"),
    ("trendsite", "0003_versions_and_revisions"),
]


@pytest.fixture
def _upgraded():
    """A database of the migrations before, with texts as editors had pasted them."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    try:
        apps = executor.loader.project_state(BEFORE).apps
        expert = apps.get_model("quotes", "Expert").objects.create(slug="mina", name_en="Mina")
        mentions = apps.get_model("quotes", "Mention").objects
        for key, words in [("one", "It's が\u200b."), ("two", "It’s が."), ("three", "No.")]:
            mentions.create(key=key, expert=expert, original=words, language="ja")
        apps.get_model("trendsite", "Tag").objects.create(
            slug="a", name="a", label_en="A\u200b", label_ja="\u200b"
        )
        hidden = {"slug": "hidden", "title_en": "\u200b"}  # which no constraint had refused
        for texts in [{"slug": "old", "title_en": TITLE, "title_ja": "\u200b"}, hidden]:
            apps.get_model("trends", "Trend").objects.create(
                status="growing",
                confidence="low",
                since=date("2024"),
                published=yesterday(),
                **texts,
            )
        old = apps.get_model("trends", "Trend").objects.get(slug="old")
        apps.get_model("trends", "SearchDocument").objects.create(
            trend=old, kind="title", object_id=old.pk, language="en", weight=3, text=TITLE
        )
    finally:
        MigrationExecutor(connection).migrate(latest)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_upgraded")
def test_texts_of_an_older_database_get_their_form(client, capsys):
    trend = Trend.objects.get(slug="old")
    assert (trend.title_en, trend.title_ja, trend.version) == (STORED, None, 0)
    for query in ("gesamtkonzept", "cafes", "Cafés"):
        assert [hit.trend.slug for hit in search(query, "en").hits] == ["old"]
    assert search("gesamtkonzapt", "en").suggestion == "gesamtkonzept"
    tag = Tag.objects.get()
    assert (tag.label_en, tag.label_ja) == ("A", None)
    # A row that would be left without a title, and one that repeats another, stay for an editor.
    assert Trend.objects.get(slug="hidden").title_en == "\u200b"
    mentions = {row.key: row for row in Mention.objects.order_by("pk")}
    assert {key: row.original for key, row in mentions.items()} == {
        "one": "It's が.",
        "two": "It’s が.",
        "three": "No.",
    }
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        mentions["two"].full_clean()
    assert caught.value.message_dict == {"__all__": ["This quotation has already been added."]}
    mentions["three"].full_clean()
