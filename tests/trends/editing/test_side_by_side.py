"""A trend in two languages side by side: what it shows, saves and refuses."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.editing import make_editor, make_staff
from tests.support.make import make_source, make_trend
from tests.support.reading import parse, words
from trends.models import Falsifier, Trend
from trendsite.shared.models import Tag
from trendsite.shared.revisions.models import Revision
from trendsite.shared.translations.models import TranslationState

pytestmark = pytest.mark.django_db


@pytest.fixture
def trend(client) -> Trend:
    client.force_login(make_editor())
    trend = make_trend(
        tags=["strategy"], drivers=2, implications=2, mentions=1, timeline=1, assessments=1
    )
    Falsifier.objects.create(trend=trend, text_en="It stops.", text_ja="止まる。")
    return trend


def url(trend, language="ja", query="") -> str:
    return f"/admin/trends/trend/{trend.pk}/translate/{language}/{query}"


def shown(client, trend, language="ja", query="") -> list[str]:
    side = client.get(url(trend, language, query)).context["side"]
    return [item.text.name for item in side.texts]


def sent(client, trend, query="", **typed) -> dict[str, str]:
    """What a browser would send of the page, with some texts typed; `_` stands for `.` twice."""
    side = client.get(url(trend, query=query)).context["side"]
    data = {}
    for item in side.texts:
        data[f"text.{item.text.name}"] = item.typed
        data[f"seen.{item.text.name}"] = item.fingerprint
    return data | {f"text.{name}": text for name, text in typed.items()}


def change(row, **texts):
    for name, text in texts.items():
        setattr(row, name, text)
    row.save()


def test_it_shows_what_needs_work_in_the_order_of_the_page(client, trend):
    assert shown(client, trend) == []
    assert "Every text is translated" in client.get(url(trend)).content.decode()
    change(trend, subtitle_ja=None)
    driver = trend.drivers.first()
    change(driver, body_en="Because of 17% more.")
    change(trend.mentions.get(), occasion_en="In May")
    assert shown(client, trend) == [
        "trend.subtitle",
        f"driver.{driver.key}.body",
        f"mention.{trend.mentions.get().key}.occasion",
    ]
    every = shown(client, trend, query="?show=all")
    assert len(every) == 23
    assert every[:4] == ["trend.title", "trend.subtitle", "trend.shift", "tag.strategy.label"]
    assert every[-1] == "falsifier.1.text"


def test_a_stale_text_shows_what_has_changed_since_it_was_translated(client, trend):
    driver = trend.drivers.first()
    change(driver, body_en="Why 1.")
    change(driver, body_en="Why 2.")
    page = parse(client.get(url(trend)).content.decode())
    (text,) = [s for s in page.iter("section") if s.get("id") == f"driver-{driver.key}-body"]
    assert [words(e) for e in text.iter("del")] == ["0"]
    assert [words(e) for e in text.iter("ins")] == ["2"]
    # The fact that the translation does not have.
    assert "Not found in the translation: 2" in words(text)


def test_it_saves_as_one_change_of_the_trend(client, trend):
    change(trend, subtitle_ja=None, shift_en="It moves elsewhere.")
    driver = trend.drivers.first()
    change(driver, body_ja=None)
    version = Trend.objects.get(pk=trend.pk).version
    data = sent(
        client,
        trend,
        **{
            "trend.subtitle": " 副題 ",
            "trend.shift": "別の変化。",
            f"driver.{driver.key}.body": "理由",
        },
    )
    response = client.post(url(trend), {**data, "version_note": "Proofs"}, follow=True)
    assert "3 texts were saved." in response.content.decode()
    trend.refresh_from_db()
    driver.refresh_from_db()
    assert (trend.subtitle_ja, trend.shift_ja, driver.body_ja) == ("副題", "別の変化。", "理由")
    assert trend.version == version + 1
    assert not TranslationState.objects.exists()
    last = Revision.objects.of(Trend, [trend.pk]).first()
    assert (last.note, last.username) == ("Proofs", "editor")
    assert shown(client, trend) == []


def test_still_right_is_one_click(client, trend):
    change(trend, shift_en="It moves, elsewhere.")
    change(Tag.objects.get(slug="strategy"), label_en="Strategy")
    data = sent(client, trend)
    client.post(url(trend), {**data, "right.trend.shift": "on"})
    assert shown(client, trend) == ["tag.strategy.label"]
    assert Trend.objects.get(pk=trend.pk).shift_ja == "example-trendの変化。"


def test_shared_rows_are_saved_as_their_own(client, trend):
    expert = trend.mentions.get().expert
    change(expert, role_ja=None)
    version = expert.version
    client.post(url(trend), sent(client, trend, **{f"expert.{expert.slug}.role": "分析担当"}))
    expert.refresh_from_db()
    assert (expert.role_ja, expert.version) == ("分析担当", version + 1)


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("trend.subtitle", "長" * 301, "at most 300 characters"),
        ("trend.shift", "変化[^nothing]", "No source has the key “nothing”"),
        ("trend.subtitle", "副題[^report]", "No source can be marked here"),
        ("trend.shift", "変化\x07", "control character"),
    ],
)
def test_what_is_wrong_is_told_beside_the_text_and_nothing_is_saved(
    client, trend, name, typed, message
):
    make_source("report")
    change(trend, subtitle_en="Other", shift_en="Other")
    other = "trend.shift" if name == "trend.subtitle" else "trend.subtitle"
    data = sent(client, trend, **{name: typed, other: "よい訳"})
    response = client.post(url(trend), data)
    assert response.status_code == 200
    page = parse(response.content.decode())
    area = next(a for a in page.iter("textarea") if a.get("name") == f"text.{name}")
    assert area.get("aria-invalid") == "true"
    hint = next(e for e in page.iter("ul") if e.get("id") == area.get("aria-describedby"))
    assert message in words(hint)
    assert "よい訳" in response.content.decode()
    saved = Trend.objects.get(pk=trend.pk)
    assert (saved.subtitle_ja, saved.shift_ja) == (trend.subtitle_ja, trend.shift_ja)


def test_a_mark_in_a_translation_is_cited_by_the_row(client, trend):
    source = make_source("report")
    change(trend, shift_en="Other")
    client.post(url(trend), sent(client, trend, **{"trend.shift": "変化[^report]"}))
    assert list(trend.shift_sources.all()) == [source]


def test_what_somebody_changed_meanwhile_is_not_overwritten(client, trend):
    change(trend, subtitle_en="Other")
    data = sent(client, trend, **{"trend.subtitle": "自分の訳"})
    change(trend, subtitle_ja="同僚の訳")
    response = client.post(url(trend), data)
    assert "Somebody changed this text or its source meanwhile." in response.content.decode()
    assert "自分の訳" in response.content.decode()
    assert Trend.objects.get(pk=trend.pk).subtitle_ja == "同僚の訳"


def test_a_text_that_is_gone_is_told_and_no_error(client, trend):
    response = client.post(url(trend), {"text.driver.gone.body": "消えた訳", "seen.x": "x"})
    assert "This text is no longer there." in response.content.decode()
    assert "消えた訳" in response.content.decode()
    assert response.status_code == 200
    assert Trend.objects.get(pk=trend.pk).version == trend.version


def test_whoever_may_not_change_a_row_may_not_translate_it(client, trend):
    change(trend, subtitle_en="Other")
    change(trend.mentions.get(), occasion_en="In May")
    data = sent(client, trend, **{"trend.subtitle": "別の副題"})
    mention = f"mention.{trend.mentions.get().key}.occasion"
    client.force_login(make_staff("view_trend", "change_trend", "publish_trend"))
    page = parse(client.get(url(trend)).content.decode())
    readonly = [a.get("name") for a in page.iter("textarea") if a.get("readonly") is not None]
    assert readonly == [f"text.{mention}"]
    refused = client.post(url(trend), {**data, f"text.{mention}": "5月"})
    assert "You may not change this text." in refused.content.decode()
    client.post(url(trend), data)
    assert Trend.objects.get(pk=trend.pk).subtitle_ja == "別の副題"
    client.force_login(make_staff("view_tag", username="nobody"))
    assert client.get(url(trend)).status_code == 403


def test_whoever_may_not_publish_translates_in_a_working_version(client, trend):
    change(trend, subtitle_en="Other")
    client.force_login(make_staff("view_trend", "change_trend"))
    response = client.post(url(trend), sent(client, trend, **{"trend.subtitle": "別の副題"}))
    working = Trend.everything.get(working_of=trend)
    assert response["Location"] == url(working)
    assert working.subtitle_ja == "別の副題"
    assert Trend.objects.get(pk=trend.pk).subtitle_ja == trend.subtitle_ja
    assert shown(client, working) == []


def test_it_takes_the_same_queries_whatever_the_trend_holds(client, trend):
    big = make_trend(
        "big", tags=["a", "b"], drivers=9, implications=9, mentions=9, timeline=9, assessments=9
    )

    def queries(row):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(row, query="?show=all")).status_code == 200
        return len(captured)

    queries(trend)
    assert queries(trend) == queries(big)


def test_form_and_list_lead_to_it(client, trend):
    for address in (f"/admin/trends/trend/{trend.pk}/change/", "/admin/trends/trend/"):
        assert f'href="{url(trend)}"' in client.get(address).content.decode()


@pytest.mark.parametrize("language", ["xx", "en-gb"])
def test_a_language_that_the_site_has_not_is_not_found(client, trend, language):
    assert client.get(url(trend, language)).status_code == 404


def test_terms_of_the_glossary_are_shown_with_their_renderings(client, trend):
    change(trend, shift_en="The tokens and the benchmark.", shift_ja="トークンのこと。")
    side = client.get(url(trend, query="?show=all")).context["side"]
    (item,) = [item for item in side.texts if item.text.name == "trend.shift"]
    assert {(t.source, t.rendering, t.is_there) for t in item.terms} == {
        ("token", "トークン", True),
        ("benchmark", "ベンチマーク", False),
    }
    assert [piece.text for piece in item.pieces if piece.kind == "term"] == ["tokens", "benchmark"]
    page = parse(client.get(url(trend, query="?show=all")).content.decode())
    assert any("benchmark → ベンチマーク" in words(li) for li in page.iter("li"))


def test_a_translator_writes_one_language_and_no_other(client, trend):
    change(trend, subtitle_en="Other")
    change(trend.mentions.get().expert, role_en="director")
    data = sent(client, trend, **{"trend.subtitle": "別の副題"})
    client.force_login(make_staff("view_trend", "translate_ja"))
    expert = f"expert.{trend.mentions.get().expert.slug}.role"
    client.post(url(trend), {**data, f"text.{expert}": "所長"})
    working = Trend.everything.get(working_of=trend)
    assert (working.subtitle_ja, trend.mentions.get().expert.role_ja) == ("別の副題", "所長")
    # A forged request into another language.
    working.subtitle_en = None
    working.save()
    assert shown(client, working, "en") == ["trend.subtitle"]
    refused = client.post(url(working, "en"), {"text.trend.subtitle": "No"})
    assert "You may not change this text." in refused.content.decode()
    working.refresh_from_db()
    assert working.subtitle_en is None
