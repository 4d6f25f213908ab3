"""Which translations are stale, by whatever way the source was changed."""

import pytest

from quotes.models import Mention
from tests.support.editing import errors, form_data, make_editor, send, trend_url
from tests.support.loading import export, load, load_texts, write
from tests.support.make import make_mention, make_trend
from tests.support.reading import parse, words
from trends.editing.publishing.publication import begin, publish
from trends.models import Driver, TimelineEntry, Trend
from trendsite.shared.models import Tag
from trendsite.shared.revisions.models import Revision
from trendsite.shared.translations.models import TranslationState
from trendsite.shared.writes import Origin, Provenance, delete

pytestmark = pytest.mark.django_db

LIST = "/admin/trends/trend/"
SHIFT = ("trend", "shift", "What shifts in example-trend.")


@pytest.fixture
def trend(client) -> Trend:
    client.force_login(make_editor())
    return make_trend(
        tags=["strategy"], drivers=2, implications=1, mentions=1, timeline=2, assessments=1
    )


def stale() -> set[tuple[str, str, str]]:
    """The texts that are stale in Japanese: model, field, source as it was translated."""
    return {
        (state.content_type.model, state.field, state.source_text)
        for state in TranslationState.objects.stale("ja")
    }


def save(client, row, **changes) -> None:
    url = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
    response = send(client, url, form_data(client, url), **changes)
    assert response.status_code == 302, errors(response)


def test_a_form_makes_stale_what_it_changes(client, trend):
    save(client, trend, **{"subtitle_en": "Another", "drivers-1-body_en": "Other", "since": "2020"})
    assert stale() == {
        ("trend", "subtitle", "Subtitle of example-trend"),
        ("driver", "body", "Why 1."),
    }


def test_a_form_says_that_it_only_corrects(client, trend):
    page = client.get(trend_url(trend)).content.decode()
    assert "Only typing errors are corrected" in page
    save(client, trend, subtitle_en="Sub-title", is_correction="on")
    assert stale() == set()
    save(client, trend, **{"drivers-0-order": "2", "drivers-1-order": "1"})
    assert stale() == set()


def test_a_load_makes_stale_what_it_changes(trend, tmp_path):
    text = export("example-trend")
    assert "Why 0." in text
    changed = text.replace("Why 0.", "Why not.").replace("What shifts in", "What moves in")
    for _again in range(2):
        load_texts(tmp_path, a=changed)
        assert stale() == {("driver", "body", "Why 0."), SHIFT}
    load_texts(tmp_path, a=changed.replace("理由0。", "別の理由。"))
    assert stale() == {SHIFT}
    load_texts(tmp_path, a=text.replace("理由0。", "別の理由。"))
    assert stale() == {("driver", "body", "Why not.")}


def test_what_a_file_brings_in_both_languages_is_done(trend, tmp_path):
    text = export("example-trend")
    delete([trend], Provenance(Origin.ADMIN))
    load(*write(tmp_path, a=text), overwrite=True)
    assert stale() == set()
    assert TimelineEntry.objects.count() == 2


def test_restoring_a_version_restores_its_states(client, trend):
    save(client, trend, **{"drivers-0-body_en": "Other"})
    save(client, trend, **{"drivers-0-body_ja": "他の理由"})
    assert stale() == set()
    first, second, _third = Revision.objects.of(Trend, [trend.pk]).order_by("pk")
    url = f"{LIST}{trend.pk}/history/restore/"
    client.post(url, {"version": second.pk})
    assert stale() == {("driver", "body", "Why 0.")}
    client.post(url, {"version": first.pk})
    assert stale() == set()
    # One part is a change as any other.
    key = trend.drivers.first().key
    client.post(url, {"version": second.pk, "path": f"drivers={key}:body:en"})
    assert Driver.objects.get(key=key).body_en == "Other"
    assert stale() == {("driver", "body", "Why 0.")}


def test_a_trend_from_the_bin_has_its_states(client, trend):
    save(client, trend, **{"drivers-0-body_en": "Other", "subtitle_en": "Another"})
    before, pk = stale(), trend.pk
    delete([trend], Provenance(Origin.ADMIN))
    assert stale() == set()
    last = Revision.objects.in_bin(Trend).get()
    client.post(f"{LIST}{pk}/history/restore/", {"version": last.pk})
    assert Trend.objects.get(pk=pk).drivers.count() == 2
    assert stale() == before


def rows(client, query) -> list[str]:
    return sorted(trend.slug for trend in client.get(LIST + query).context["cl"].result_list)


@pytest.mark.parametrize("what", ["occasion", "expert", "tag", "audience"])
def test_what_a_trend_shows_counts_as_its_own(client, trend, what):
    make_trend("other")
    mention = trend.mentions.get()
    row, changes = {
        "occasion": (mention, {"occasion_en": "In May"}),
        "expert": (mention.expert, {"role_ja": ""}),
        "tag": (Tag.objects.get(slug="strategy"), {"label_ja": ""}),
        "audience": (trend.implications.get().audience, {"label_ja": ""}),
    }[what]
    assert rows(client, "?incomplete=ja") == []
    save(client, row, **changes)
    assert rows(client, "?incomplete=ja") == ["example-trend"]
    page = client.get(LIST).content.decode()
    assert '<span class="completeness is-partial" title="1 text missing"><a ' in page


@pytest.mark.parametrize("what", ["trend", "driver", "mention", "expert", "tag", "audience"])
def test_trends_with_stale_texts_are_found(client, trend, what):
    make_trend("other")
    mention = trend.mentions.get()
    row, changes = {
        "trend": (trend, {"title_en": "Changed"}),
        "driver": (trend, {"drivers-0-heading_en": "Changed"}),
        "mention": (mention, {"original": "Changed words"}),
        "expert": (mention.expert, {"role_en": "director"}),
        "tag": (Tag.objects.get(slug="strategy"), {"label_en": "changed"}),
        "audience": (trend.implications.get().audience, {"label_en": "Changed"}),
    }[what]
    save(client, row, **changes)
    assert rows(client, "?stale=ja") == ["example-trend"]
    assert rows(client, "?stale=en") == rows(client, "?incomplete=ja") == []
    page = client.get(LIST).content.decode()
    assert '<span class="completeness is-stale" title="1 text out of date"><a ' in page


def test_mentions_are_found_by_their_own_texts(client, trend):
    make_mention("Something else.", translation_ja=None)
    mention = Mention.objects.get(translation_ja=None)
    save(client, trend.mentions.get(), original="Other words.")
    url = "/admin/quotes/mention/"
    found = {
        query: [row.pk for row in client.get(url + query).context["cl"].result_list]
        for query in ("?incomplete=ja", "?stale=ja")
    }
    assert found == {"?incomplete=ja": [mention.pk], "?stale=ja": [trend.mentions.get().pk]}


def test_a_working_version_keeps_the_states_and_brings_them(client, trend):
    save(client, trend, subtitle_en="Another")
    working = begin(trend, None)
    save(client, working, **{"drivers-0-body_en": "Other", "subtitle_ja": "別の副題"})
    save(client, working, is_correction="on", **{"drivers-1-body_en": "Why  one."})
    publish(working, Provenance(Origin.ADMIN))
    assert stale() == {("driver", "body", "Why 0.")}


def test_the_form_marks_what_needs_work_at_rows_and_in_its_contents(client, trend):
    trend.drivers.filter(order=1).update(body_ja=None)
    save(client, trend, **{"drivers-0-heading_en": "Changed", "title_en": "Changed"})
    mention = trend.mentions.get()
    mention.original = "Changed words"
    mention.save()
    response = client.get(trend_url(trend))
    page = parse(response.content.decode())
    contents = next(nav for nav in page.iter("nav") if "form-contents" in nav.get("class", ""))
    lines = {words(li.find("a")): words(li) for li in contents.iter("li")}
    assert {label: line for label, line in lines.items() if "ja" in line} == {
        "Title and key points": "Title and key points ja: 1 text out of date",
        "Key drivers": "Key drivers ja: 1 text missing, 1 text out of date",
        "Mentions": "Mentions ja: 1 text out of date",
    }
    rows = [words(summary) for summary in page.iter("summary")]
    assert "Key driver: Changed ja: 1 text out of date" in rows
    assert "Key driver: Driver 1 ja: 1 text missing" in rows
    fields = {a.get("name"): a.get("data-translation") for a in page.iter() if a.get("name")}
    assert fields["title_ja"] == fields["drivers-0-heading_ja"] == "stale"
    assert fields["drivers-1-body_ja"] == "missing"
    assert fields["title_en"] is fields["subtitle_ja"] is None
    assert "Out of date: the original was changed on" in response.content.decode()
