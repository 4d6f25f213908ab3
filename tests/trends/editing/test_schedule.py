"""Publication at its time: the first request after it finds everything published."""

import datetime
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils import timezone

from quotes.models import Video
from tests.support.clock import let_pass
from tests.support.days import yesterday
from tests.support.editing import make_editor
from tests.support.make import date, make_mention, make_tag, make_trend, make_video
from tests.support.readers import Reader
from trends.editing.publishing import schedule as due
from trends.editing.publishing.publication import begin, schedule
from trends.models import Preparation, Trend, TrendMention, UnlistedChange
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Origin

pytestmark = pytest.mark.django_db


def in_an_hour() -> datetime.datetime:
    return timezone.now() + datetime.timedelta(hours=1)


def working_version(**texts) -> Trend:
    working = begin(make_trend(), None)
    Trend.everything.filter(pk=working.pk).update(**texts)
    return working


@pytest.mark.django_db(transaction=True)  # on PostgreSQL each transaction is noted once
def test_the_minute_alone_publishes_on_every_page_in_every_process(monkeypatch):
    editor = make_editor()
    schedule(working_version(title_en="From now on"), in_an_hour(), editor)
    schedule(make_trend("draft", published=None), in_an_hour(), editor)
    one, other = Reader(), Reader()
    pages = ["/en/trends/example-trend/", "/en/", "/en/feed.atom", "/en/trends/example-trend.json"]
    for address in pages:
        assert "From now on" not in one.get(address).text
        assert "From now on" not in other.get(address).text
    assert one.get("/en/trends/draft/").status == 404
    let_pass(monkeypatch, minutes=61)
    for address in pages:
        assert "From now on" in other.get(address).text
        assert "From now on" in one.get(address).text
    assert other.get("/en/trends/draft/").status == 200
    assert not Preparation.objects.exists()
    last = Revision.objects.of(Trend, [Trend.objects.get(slug="example-trend").pk]).first()
    assert (last.origin, last.username) == (Origin.CLOCK, "editor")


def test_an_editor_who_asks_first_finds_it_published_too(client, monkeypatch):
    client.force_login(make_editor())
    schedule(working_version(title_en="From now on"), in_an_hour(), None)
    assert "From now on" not in client.get("/admin/trends/trend/").content.decode()
    let_pass(monkeypatch, minutes=61)
    assert "From now on" in client.get("/admin/trends/trend/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_sql_wrote_is_listed_before_the_next_answer():
    make_trend("one", title_en="Stays")
    make_trend("two", title_en="Is withdrawn")
    reader = Reader()
    assert "Is withdrawn" in reader.get("/en/").text
    Trend.objects.filter(slug="two").update(published=None)
    for page in ("/en/", "/en/a-z/", "/en/?sort=title", "/api/trends.json"):
        text = reader.get(page).text
        assert "Stays" in text
        assert "Is withdrawn" not in text
    assert not UnlistedChange.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pages_are_shown_while_lists_cannot_be_brought_up_to_date(monkeypatch):
    for slug in ("stays", "is-withdrawn", "is-deleted"):
        trend = make_trend(slug, tags=["strategy"], implications=1, assessments=1)
        retired = {"retired": yesterday()} if slug == "is-deleted" else {}
        Trend.objects.filter(pk=trend.pk).update(**retired)
    reader = Reader()
    pages = ["/en/", "/en/a-z/", "/en/tags/strategy/", "/en/audiences/enterprises/"]
    pages += ["/en/changes/", "/en/tags/", "/en/feed.atom", "/api/trends.json?retired=include"]
    for page in pages:
        assert reader.get(page).status == 200

    def fail() -> int:
        raise DatabaseError("database is locked")

    monkeypatch.setattr(due, "renew_lists", fail)
    Trend.objects.filter(slug="is-withdrawn").update(published=None)
    Trend.objects.filter(slug="is-deleted").delete()
    for page in pages:
        answer = reader.get(page)
        assert answer.status == 200, page
        assert "of is-withdrawn" not in answer.text, page


@pytest.mark.django_db(transaction=True)
def test_a_mention_whose_date_sql_wrote_is_listed_by_it():
    trend = make_trend()
    for word in ("Earlier", "Later"):
        video = make_video(f"{word:_<11}", date=date("2024"))
        mention = make_mention(word, video=video)
        mention.tags.add(make_tag("strategy"))
        TrendMention.objects.create(trend=trend, mention=mention)
    reader = Reader()
    for year, first in [("2023", "Earlier"), ("2025", "Later")]:
        Video.objects.filter(mentions__original="Later").update(date=date(year))
        quoted = re.findall(r"<p>(Earlier|Later)</p>", reader.get("/en/tags/strategy/").text)
        assert quoted[0] == first


def test_lists_are_those_of_the_day_after_the_clock_was_set_back(monkeypatch):
    make_trend(title_en="Since yesterday")
    assert "Since yesterday" in Reader().get("/en/").text
    let_pass(monkeypatch, days=-2)
    assert "Since yesterday" not in Reader().get("/en/").text


def test_nothing_is_asked_while_nothing_changes(django_assert_num_queries, monkeypatch):
    asked = []
    next_time = due._next_time
    monkeypatch.setattr(due, "_next_time", lambda: asked.append(1) or next_time())
    check = due.Schedule()
    assert [check(1), check(1), check(2)] == [False] * 3
    assert len(asked) == 2


def test_what_cannot_be_published_is_told_to_editors_and_not_to_readers(
    client, monkeypatch, capsys
):
    working = working_version(title_en="Mine")
    Trend.objects.update(title_en="Theirs")
    schedule(working, in_an_hour(), None)
    let_pass(monkeypatch, minutes=61)
    reader = Reader()
    assert "Theirs" in reader.get("/en/trends/example-trend/").text
    assert reader.front.store.due_work.seconds_left() is None
    assert "was not published at" in capsys.readouterr().err
    client.force_login(make_editor())
    page = client.get(f"/admin/trends/trend/{working.pk}/publishing/").content.decode()
    assert "It was not published at its time" in page
    assert "Changed on both sides" in page


def test_a_database_that_is_busy_is_asked_again_later(monkeypatch):
    schedule(working_version(title_en="From now on"), in_an_hour(), None)
    check = due.Schedule()
    let_pass(monkeypatch, minutes=61)
    with monkeypatch.context() as patch:

        def fail() -> int:
            raise DatabaseError

        patch.setattr(due, "publish_due", fail)
        assert not check(1)
    assert check.seconds_left() > 0
    let_pass(monkeypatch, minutes=1)
    assert check(1)


def test_no_time_that_is_past_and_no_published_trend_can_be_scheduled():
    working = working_version()
    with pytest.raises(ValidationError):
        schedule(working, timezone.now(), None)
    with pytest.raises(ValidationError):
        schedule(Trend.objects.get(slug="example-trend"), in_an_hour(), None)


def test_button_says_what_will_happen_and_when_in_the_zone_of_the_site(client, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    client.force_login(make_editor())
    working = working_version(title_en="From now on")
    url = f"/admin/trends/trend/{working.pk}/publishing/"
    page = client.get(f"{url}?at=2099-12-03T00:00").content.decode()
    assert "Publish on 3 December 2099, 00:00, Tokyo" in " ".join(page.split())
    client.post(
        url,
        {
            "action": "schedule",
            "at": "2099-12-03T00:00",
            "languages": ["en", "ja"],
            "reason": "As agreed",
        },
    )
    at = Preparation.objects.get().publish_at
    assert at == datetime.datetime(2099, 12, 2, 15, tzinfo=datetime.UTC)
    page = client.get(f"/admin/trends/trend/{working.pk}/change/").content.decode()
    assert "It will be published on 3 December 2099, 00:00, Tokyo." in " ".join(page.split())
    client.post(url, {"action": "unschedule"})
    assert Preparation.objects.get().publish_at is None
    page = client.post(url, {"action": "schedule", "at": "soon"}).content.decode()
    assert "Enter a day and a time" in page
