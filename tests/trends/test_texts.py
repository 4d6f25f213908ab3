"""Texts have one form, whichever way they come in."""

import json
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from quotes.models import Expert, Mention, Source, Video
from tests.support.editing import ADD_TREND, errors, form_data, make_editor, send, trend_url
from tests.support.loading import MINIMAL, changed, load_texts, refusal_of
from tests.support.make import make_expert, make_mention, make_trend
from trends.models import Driver, Trend
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
