"""What readers are told of a translation that lacks a change of the original."""

import pytest
from django.utils import timezone

from tests.support.make import make_trend
from tests.support.reading import read, words
from trendsite.shared.writes import Action, Origin, Provenance, writing

pytestmark = pytest.mark.django_db

PAGE = "/ja/trends/example-trend/"
NOTE = "原文の変更"


def save(row, *, is_correction=False, **texts):
    with writing(Provenance(Origin.ADMIN, is_correction=is_correction)) as write:
        for name, text in texts.items():
            setattr(row, name, text)
        row.save()
        write.record(Action.CHANGED, row)


def rows_of(trend):
    return {
        "trend": (trend, "subtitle_en"),
        "driver": (trend.drivers.get(), "body_en"),
        "occasion": (trend.mentions.get(), "occasion_en"),
        "expert": (trend.mentions.get().expert, "role_en"),
        "audience": (trend.implications.get().audience, "label_en"),
    }


@pytest.mark.parametrize("what", ["trend", "driver", "occasion", "expert", "audience"])
def test_page_says_since_when_it_lacks_a_change_and_links_to_the_original(client, what):
    trend = make_trend(drivers=1, mentions=1, implications=1)
    trend.mentions.update(occasion_en="In May", occasion_ja="5月")
    row, name = rows_of(trend)[what]
    assert NOTE not in client.get(PAGE).content.decode()
    save(row, **{name: "Changed"})
    day = timezone.localdate()
    page = read(client, PAGE)
    note = next(p for p in page.iter("p") if NOTE in words(p))
    assert "年" in words(note)
    assert words(note).endswith("反映されていません。原文（英語）を読む")
    (link,) = note.iter("a")
    assert link.get("href") == "http://testserver/en/trends/example-trend/"
    assert NOTE not in client.get(PAGE.replace("ja", "en", 1)).content.decode()
    found = client.get("/ja/trends/example-trend.json").json()
    assert (found["version"], found["outdated"]) == (
        1,
        {
            "since": day.isoformat(),
            "original": {"language": "en", "url": "http://testserver/en/trends/example-trend/"},
        },
    )
    assert client.get("/en/trends/example-trend.json").json()["outdated"] is None
    markdown = client.get("/ja/trends/example-trend.md").content.decode()
    assert NOTE in markdown
    assert "](http://testserver/en/trends/example-trend/)" in markdown


def test_a_correction_or_the_words_of_a_quotation_are_not_told(client):
    trend = make_trend(mentions=1)
    save(trend, subtitle_en="Sub-title", is_correction=True)
    save(trend.mentions.get(), original="Other words.")
    assert NOTE not in client.get(PAGE).content.decode()
    assert client.get("/ja/trends/example-trend.json").json()["outdated"] is None
