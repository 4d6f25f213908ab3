"""A trend as Markdown."""

import re

import pytest
from markdown_it import MarkdownIt

from tests.support.formats import as_markdown, make_full_trend, make_record_trend
from tests.support.make import (
    make_audience,
    make_mention,
    make_source,
    make_trend,
)
from tests.support.reading import parse, read, words
from trends.models import Driver, TrendMention

pytestmark = pytest.mark.django_db


def test_markdown_says_what_the_record_rests_on(client):
    make_record_trend()
    text = client.get("/en/trends/example-trend.md").content.decode()
    for line in (
        "- It shifts.\n- Wait.",
        "- Confidence: medium – that it shifts",
        "- Under review",
        "gist verified",
        "(scheduled · postponed) It applies.",
        "(By Mina Example · made December 2025 · Criterion: The gauge. · probability 60%)",
        "Reconstructed later",
        "### What would change our mind\n\n- By 2020: It stops. (overdue)",
        "Example Agency, via Example Press",
    ):
        assert line in text


def test_markdown_has_the_parts_of_the_page(client):
    trend = make_full_trend()
    text = as_markdown(client)
    page = read(client, "/en/trends/example-trend/")
    shown = [words(h) for part in page.iterfind(".//article//section") for h in part.iter("h2")]
    assert re.findall("^## (.*)$", text, re.MULTILINE) == shown
    assert text.startswith("# Title of example-trend\n\nSubtitle of example-trend\n")
    assert "- Status: growing\n- Confidence: medium\n- Since: June 2025\n" in text
    assert "### 1. Driver 0\n\nWhy 0.\n\nSources: [^1]\n" in text
    assert "**Mina Example** · analyst · Example Institute\n\n> Words 0 on example-trend.\n" in text
    assert "- **2000** Event 0 [^" in text
    assert f"Last updated {trend.updated_at.day} " in text


def test_every_footnote_of_the_markdown_is_there_once(client):
    make_full_trend()
    text = as_markdown(client)
    defined = re.findall(r"^\[\^(\d+)\]: \[", text, re.MULTILINE)
    cited = set(re.findall(r"\[\^(\d+)\](?!:)", text))
    assert defined == [str(number) for number in range(1, len(defined) + 1)]
    assert cited == set(defined)


def test_markdown_quotes_the_original_and_the_translation(client):
    trend = make_trend()
    mention = make_mention("One.\n\nTwo.", translation_ja="一つ。\n\n二つ。")
    TrendMention.objects.create(trend=trend, mention=mention)
    text = as_markdown(client, "/ja/trends/example-trend.md")
    assert "> One.\n>\n> Two.\n\n翻訳:\n\n> 一つ。\n>\n> 二つ。\n" in text
    assert "翻訳" not in as_markdown(client)


@pytest.mark.parametrize(
    ("lead", "text", "said"),
    [
        ("Measure.", "Explained.", "Measure. Explained."),
        ("測る。", "説明。", "測る。説明。"),
        ("「測る」！", "AIの説明。", "「測る」！AIの説明。"),
        ("測る", "説明。", "測る 説明。"),
        ("。", "説明。", "。説明。"),
        ("*測る*。", "説明_a_。", "*測る*。説明_a_。"),
    ],
)
def test_lead_is_bold_and_parted_from_its_text_as_its_language_parts_sentences(
    client, lead, text, said
):
    trend = make_trend()
    trend.implications.create(audience=make_audience(), lead_en=lead, text_en=text).sources.add(
        make_source()
    )
    markdown = as_markdown(client).partition("## Implications")[2]
    html = parse(f"<main>{MarkdownIt('commonmark').render(markdown)}</main>")
    item = html.find(".//li")
    assert words(item) == (f"{said}[^1]" if said.endswith("。") else f"{said} [^1]")
    bold = lead.rstrip("。！」")
    assert [words(strong) for strong in item.iter("strong")] == ([bold] if bold else [])


def test_markdown_says_what_is_not_translated(client):
    make_trend(subtitle_ja=None)
    assert "Subtitle of example-trend" in as_markdown(client, "/ja/trends/example-trend.md")
    assert "英語" in as_markdown(client, "/ja/trends/example-trend.md").partition("## ")[0]


def test_signs_in_a_text_do_not_become_markdown(client):
    trend = make_trend(title_en="1. *Not* a [list](https://example.org) <b># yet</b>")
    trend.shift_en = "Under\n=====\n\n- a list\n\nOver\n----"
    trend.save()
    Driver.objects.create(trend=trend, heading_en="A_b_c", body_en="# High\n\nText.")
    text = as_markdown(client)
    html = parse(f"<main>{MarkdownIt('commonmark').render(text)}</main>")
    assert words(html.find("h1")) == "1. *Not* a [list](https://example.org) <b># yet</b>"
    assert [words(h) for h in html.iter("h3")] == ["Under", "1. A_b_c"]
    assert [words(h) for h in html.iter("h4")] == ["Over", "High"]


def test_readings_of_kanji_are_behind_them(client):
    make_trend(shift_ja="｜碍子《がいし》の価格", shift_en="It rises.")
    assert "碍子（がいし）の価格" in as_markdown(client, "/ja/trends/example-trend.md")
