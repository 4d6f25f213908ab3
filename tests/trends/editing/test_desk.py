"""The start page of the admin, and the page on which forecasts are settled."""

import datetime

import pytest
from django.utils import timezone

from quotes.links.models import CheckedLink
from quotes.models import Expert
from tests.support.editing import make_editor, make_staff
from tests.support.make import date, make_expert, make_source, make_trend
from tests.support.reading import parse
from trends.editing import desk
from trends.editing.publishing.publication import begin, preparation_of
from trends.models import Falsifier, TimelineEntry, Trend
from trendsite.shared.translations.models import TranslationState
from trendsite.shared.writes import Action, Origin, Provenance, writing

pytestmark = pytest.mark.django_db

START = "/admin/"
DUE = "/admin/trends/trend/forecasts-due/"


def slugs(client, address: str) -> set[str]:
    """Return the slugs of the trends that a list has."""
    return {trend.slug for trend in client.get(address).context["cl"].result_list}


def lists(client, address: str = START) -> dict[str, tuple[int, list[str]]]:
    """Return the lists of the start page: how many wait, and what their lines say."""
    found = {}
    for waiting in client.get(address).context["desk"].busy:
        lines = [f"{item.text} {item.note}".strip() for item in waiting.items]
        found[waiting.title] = (waiting.count, lines)
    return found


def forecast(trend: Trend, day: str, text: str = "It happens.", **values) -> TimelineEntry:
    return TimelineEntry.objects.create(
        trend=trend,
        date=date(day),
        text_en=text,
        text_ja="起こる。",
        kind="forecast",
        **{"outcome": "pending", **values},
    )


def test_an_empty_site_says_that_nothing_waits(client, editor):
    page = client.get(START).content.decode()
    assert "Nothing is waiting:" in page
    assert "Nothing has been changed yet." in page
    assert lists(client) == {}


def test_what_waits_is_listed_with_its_number_and_leads_to_all_of_it(client, editor, settings):
    settings.REVIEW_DAYS = 30
    today = timezone.localdate()
    well = make_trend("well", assessments=1)
    well.assessments.update(date=date(str(today)))
    forecast(make_trend("foretold"), "2020", "The first one.")
    Falsifier.objects.create(
        trend=make_trend("doubted"), date=date("2020"), text_en="x", text_ja="x"
    )
    make_trend("later", published=today + datetime.timedelta(days=3))
    with writing(Provenance(Origin.ADMIN, editor)) as write:
        write.record(Action.ADDED, make_trend("mine", published=None))
    make_trend("of-somebody-else", published=None)
    working = begin(well, editor)
    preparation = preparation_of(working)
    preparation.in_review, preparation.submitted_at = ["ja"], timezone.now()
    preparation.save()

    found = lists(client)
    assert found["Your drafts"] == (2, ["Title of mine draft", "Title of well working version"])
    assert found["Waiting for review"] == (1, ["Title of well Japanese"])
    assert found["Scheduled"][0] == 1
    assert found["Forecasts to settle"] == (1, ["The first one. 2020"])
    assert found["Not assessed for 30 days"][0] == 2
    assert found["What would change our mind is past its date"] == (1, ["Title of doubted"])

    assert {"Title of foretold", "Title of doubted"} == set(found["Not assessed for 30 days"][1])
    for waiting in client.get(START).context["desk"].busy:
        if "state=" in waiting.url and waiting.title != "Your drafts":
            listed = client.get(waiting.url).context["cl"].result_count
            assert (listed, waiting.title) == (waiting.count, waiting.title)


def test_what_is_to_be_translated_is_counted_in_each_language(client, editor):
    trend = make_trend(subtitle_ja=None)
    Expert.objects.filter(pk=make_expert().pk).update(role_ja=None)
    stale = TranslationState(row=trend, field="title", language="ja", source_language="en")
    stale.stale_since = timezone.now()
    stale.save()
    assert lists(client)["To translate into Japanese"] == (
        3,
        [
            "Trends 1 with texts missing",
            "Trends 1 with texts out of date",
            "Experts 1 with texts missing",
        ],
    )
    [item, *_] = [
        item
        for waiting in client.get(START).context["desk"].busy
        for item in waiting.items
        if waiting.title == "To translate into Japanese"
    ]
    assert [row.pk for row in client.get(item.url).context["cl"].result_list] == [trend.pk]


def test_of_many_rows_the_texts_of_the_last_are_examined(client, editor, monkeypatch):
    make_trend("old", subtitle_ja=None)
    make_trend("new", subtitle_ja=None)
    waiting = "To translate into Japanese"
    assert lists(client)[waiting] == (2, ["Trends 2 with texts missing"])
    monkeypatch.setattr(desk, "_EXAMINED", 1)
    assert lists(client)[waiting] == (1, ["Trends 1 of the last 1 with texts missing"])


def test_of_many_trends_that_wait_the_first_are_counted(client, editor, monkeypatch):
    monkeypatch.setattr(desk, "_COUNTED", 2)
    title = "What would change our mind is past its date"
    for number in range(3):
        trend = make_trend(f"doubted-{number}")
        Falsifier.objects.create(trend=trend, date=date("2020"), text_en="x", text_ja="x")
        page = client.get(START)
        [waiting] = [found for found in page.context["desk"].busy if found.title == title]
        assert waiting.number == ["1", "2", "more than 2"][number]
        assert f'<span class="desk-count">{waiting.number}</span>' in page.content.decode()


def test_forecasts_to_settle_are_ordered_by_their_dates(client, editor):
    for number, day in enumerate(["2021", "2020-Q2", "2022-03-01", "2020-01-01", "2999"]):
        forecast(make_trend(f"t-{number}"), day, f"No. {number}.")
    found = lists(client)["Forecasts to settle"]
    assert found == (
        4,
        ["No. 3. 1 January 2020", "No. 1. 2020 Q2", "No. 0. 2021", "No. 2. 1 March 2022"],
    )
    shown = [form.instance.text_en for form in client.get(DUE).context["formset"]]
    assert shown == ["No. 3.", "No. 1.", "No. 0.", "No. 2."]


def test_the_latest_changes_are_those_of_everyone(client, editor):
    trend = make_trend()
    for user, note in ((make_editor("colleague"), ""), (None, "example.yaml")):
        origin = Origin.ADMIN if user else Origin.FILE
        with writing(Provenance(origin, user, note)) as write:
            write.announce([trend])
            trend.subtitle_en = f"Changed by {user}"
            trend.count_change()
            trend.save()
            write.record(Action.CHANGED, trend)
    page = client.get(START)
    [module] = [
        item
        for item in parse(page.content.decode()).iter("ul")
        if item.get("class") == "actionlist"
    ]
    found = [" ".join("".join(item.itertext()).split()) for item in module]
    assert found[0].startswith("Title of example-trend Trend · changed · no account")
    assert "colleague (admin)" in found[1]
    [link] = module[0].iter("a")
    assert client.get(link.get("href")).status_code == 200


@pytest.mark.parametrize("origin", [Origin.FILE, Origin.IMPORT])
def test_a_load_is_one_of_the_latest_changes_however_many_rows_it_has(client, editor, origin):
    for number in range(12):
        user = editor if origin == Origin.IMPORT else None
        note = "a.yaml, b.yaml" if number else "before.yaml"
        with writing(Provenance(origin, user, note)) as write:
            write.record(Action.ADDED, make_expert(f"e-{number}", name_en=f"Expert {number}"))
    with writing(Provenance(Origin.ADMIN, editor, "")) as write:
        write.record(Action.ADDED, make_expert("typed", name_en="Typed"))
    page = client.get(START)
    latest = [str(change.version.revision) for change in page.context["desk"].latest]
    assert latest == ["Typed", "Expert 11", "Expert 0"]
    assert "and the rest of a.yaml, b.yaml" in page.content.decode()


def test_links_of_texts_that_died_are_named_with_their_trends(client, editor):
    dead = [f"https://{name}.example/" for name in ("shift", "body", "source")]
    for address in dead:
        CheckedLink.objects.create(address=address, state="gone", checked_at=timezone.now())
    make_source(url=dead[2])
    make_trend("one", shift_en=f"See {dead[0]}.", shift_ja=f"{dead[2]}")
    other = make_trend("two", drivers=1)
    other.drivers.update(body_ja=f"[題]({dead[1]})")
    assert lists(client)["Links that died"] == (
        3,
        [
            "Sources 1",
            "Links in texts of trends 2",
            f"Title of one {dead[0]}",
            f"Title of two {dead[1]}",
        ],
    )
    make_trend("three")
    assert slugs(client, "/admin/trends/trend/?link=gone") == {"one", "two"}


def test_no_trend_is_listed_for_links_that_died_if_none_did(client, editor):
    make_trend("one", shift_en="See https://shift.example/.")
    assert slugs(client, "/admin/trends/trend/?link=gone") == set()


def test_nobody_is_shown_what_they_may_not_see(client):
    make_trend("secret", published=None)
    client.force_login(make_staff("view_expert"))
    page = client.get(START)
    assert "secret" not in page.content.decode()
    assert page.context["desk"].latest == []
    assert client.get(DUE).status_code == 403


def test_the_number_of_queries_does_not_depend_on_the_rows(
    client, editor, django_assert_num_queries
):
    def fill(name: str) -> None:
        trend = make_trend(name, subtitle_ja=None, timeline=1, mentions=2)
        forecast(trend, "2020")
        begin(trend, editor)

    fill("first")
    client.get(START)
    with django_assert_num_queries(21):
        client.get(START)
    for number in range(7):
        fill(f"further-{number}")
    with django_assert_num_queries(21):
        client.get(START)


# Settling


def settling(page, **values) -> dict[str, str]:
    """Return what a browser sends of the page; `values` are for the first forecast."""
    formset = page.context["formset"]
    data = {}
    for form in [formset.management_form, *formset.forms]:
        data.update({field.html_name: str(field.value() or "") for field in form})
    return {**data, **{f"form-0-{name}": value for name, value in values.items()}}


def test_forecasts_that_are_due_are_settled_in_one_list(client, editor):
    first, second = make_trend("first"), make_trend("second")
    entry = forecast(first, "2021", "One.")
    forecast(second, "2022", "Two.")
    forecast(second, "2999", "Not yet.")
    page = client.get(DUE)
    assert [form.instance.text_en for form in page.context["formset"]] == ["One.", "Two."]
    sent = settling(page, outcome="missed", settled="2021", note_en="It did not.")
    answer = client.post(DUE, sent, follow=True)
    assert "1 forecast was settled." in answer.content.decode()
    assert [form.instance.text_en for form in answer.context["formset"]] == ["Two."]
    entry.refresh_from_db()
    assert (entry.outcome, str(entry.settled), entry.note_en) == ("missed", "2021", "It did not.")
    before = first.version
    first.refresh_from_db()
    assert first.version == before + 1
    history = client.get(f"/admin/trends/trend/{first.pk}/history/").content.decode()
    assert "changed" in history


def test_an_outcome_without_a_reason_is_refused_beside_its_field_and_nothing_is_lost(
    client, editor
):
    entry = forecast(make_trend(), "2021")
    answer = client.post(DUE, settling(client.get(DUE), outcome="void", note_ja=""))
    [form] = answer.context["formset"].forms
    assert list(form.errors) == ["outcome"]
    assert "selected>void" in answer.content.decode().replace('" selected', " selected")
    entry.refresh_from_db()
    assert entry.outcome == "pending"


def test_what_a_colleague_settled_meanwhile_is_not_overwritten(client, editor):
    entry = forecast(make_trend(), "2021")
    sent = settling(client.get(DUE), outcome="missed")
    TimelineEntry.objects.filter(pk=entry.pk).update(outcome="confirmed")
    answer = client.post(DUE, sent)
    assert "Somebody else has settled or deleted this forecast." in answer.content.decode()
    entry.refresh_from_db()
    assert entry.outcome == "confirmed"


def test_a_page_without_forecasts_says_so(client, editor):
    assert "No forecast waits for its outcome." in client.get(DUE).content.decode()


def test_both_pages_speak_japanese(client, editor):
    forecast(make_trend(), "2021")
    client.cookies["django_language"] = "ja"
    assert "結果を待つ予測" in client.get(START).content.decode()
    assert "保存" in client.get(DUE).content.decode()
