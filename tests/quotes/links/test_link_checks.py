"""The check of links: what becomes of each answer, in which order, and how politely."""

import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from quotes.links import link_checks
from quotes.links.models import CheckedLink
from quotes.models import Video
from tests.support.make import make_expert, make_source, make_trend, make_video
from tests.support.other_sites import Page, other_sites
from trends.editing.publishing.publication import begin
from trends.models import Trend
from trendsite.kept.triggers import content_tables

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def sites(tmp_path):
    with other_sites(tmp_path) as sites:
        sites.page("www.example/")
        yield sites


@pytest.fixture
def online(sites):
    """A link that is alive, so that the machine is known to have a connection."""
    sites.page("alive.example/")
    return make_source("alive", url="http://alive.example/")


def check(*options: str, **values) -> str:
    out = io.StringIO()
    call_command("check_links", "--pause", "0", *options, stdout=out, **values)
    return out.getvalue()


def later(**span: int) -> None:
    """Let time pass: everything was checked so much earlier."""
    for link in CheckedLink.objects.all():
        for name in ("checked_at", "failing_since"):
            if moment := getattr(link, name):
                setattr(link, name, moment - datetime.timedelta(**span))
        link.save()


def states() -> dict[str, str]:
    return dict(CheckedLink.objects.values_list("address", "state"))


def link(address: str) -> CheckedLink:
    return CheckedLink.objects.get(address=address)


@pytest.mark.parametrize(
    ("page", "state", "status"),
    [
        (Page(200), "alive", 200),
        (Page(404), "gone", 404),
        (Page(410), "gone", 410),
        (Page(403), "refused", 403),
        (Page(429), "refused", 429),
        (Page(500), "unreachable", 500),
        (Page(200, methods=("GET",)), "alive", 200),
        (Page(302, {"Location": "https://www.example/"}), "alive", 200),
        (Page(301, {"Location": "https://www.example/"}), "moved", 200),
        (Page(308, {"Location": "https://www.example/gone"}), "gone", 404),
        (Page(301, {"Location": "/"}), "refused", None),
    ],
    ids=[
        *("alive", "missing", "gone", "forbidden", "too often", "broken", "knows no HEAD"),
        *("elsewhere for now", "moved", "moved and gone", "in a circle"),
    ],
)
def test_state_of_an_answer(sites, online, page, state, status):
    sites.pages["old.example/"] = page
    make_source("old", url="http://old.example/")
    check()
    checked = link("http://old.example/")
    assert (checked.state, checked.status) == (state, status)
    assert checked.moved_to == ("https://www.example/" if state == "moved" else "")


def test_another_form_of_one_address_is_no_move(sites, online):
    sites.moved("old.example/", "https://old.example/")
    sites.page("new.example/a/")
    sites.moved("new.example/a", "https://new.example/a/")
    make_source("new", url="http://new.example/a")
    check()
    assert link("http://new.example/a").state == "alive"


def test_links_in_texts_are_asked_and_forgotten_with_their_text(sites, online):
    for name in ("shift", "body", "bare", "draft"):
        sites.page(f"{name}.example/")
    trend = make_trend(
        drivers=1,
        shift_en="See [it](http://shift.example/) and [here](/en/a-z/).",
        shift_ja="http://bare.example/を見る。",
    )
    trend.drivers.update(body_ja="[題](http://body.example/)、`http://code.example/`")
    make_trend("draft", published=None, shift_en="<http://draft.example/>")
    check()
    found = {f"http://{name}.example/": "alive" for name in ("shift", "body", "bare", "draft")}
    assert found.items() <= states().items()
    assert not {"http://code.example/", "/en/a-z/"} & states().keys()
    trend.drivers.all().delete()
    Trend.objects.update(shift_en="Nothing.", shift_ja=None)
    check()
    assert not found.keys() & states().keys()


def test_what_a_working_version_alone_links_to_is_not_asked(sites, online):
    trend = make_trend()
    Trend.everything.filter(pk=begin(trend, None).pk).update(shift_en="http://x.example/")
    check()
    assert "http://x.example/" not in states()


def test_of_two_runs_at_once_each_address_is_asked_by_one(sites, online, monkeypatch):
    for number in range(3):
        sites.page(f"{number}.example/")
        make_source(str(number), url=f"http://{number}.example/")
    asked = []
    first_asks = link_checks._ask

    def ask(address, hosts):
        asked.append(address)
        if len(asked) == 1:
            check()
        return first_asks(address, hosts)

    monkeypatch.setattr(link_checks, "_ask", ask)
    check()
    assert len(asked) == len(set(asked)) == 4
    assert set(states().values()) == {"alive"}


def test_an_address_of_a_run_that_was_killed_is_asked_after_ten_minutes(sites, online):
    check()
    later(days=8)
    CheckedLink.objects.update(asked_at=timezone.now() - datetime.timedelta(minutes=9))
    assert "none due" in check()
    CheckedLink.objects.update(asked_at=timezone.now() - datetime.timedelta(minutes=11))
    assert "1 alive" in check()
    assert link("http://alive.example/").asked_at is None


def test_sources_videos_and_experts_are_asked_each_address_once(sites):
    for name in ("one", "two", "three"):
        sites.page(f"{name}.example/")
    sites.json("www.youtube.com/oembed", title="A talk")
    make_source("one", url="http://one.example/")
    make_expert("a", name_en="A", url="http://one.example/")
    make_expert("b", name_en="B", url="http://two.example/")
    make_expert("c", name_en="C")
    make_video("abcdefghijk")
    assert "3 alive" in check()
    assert states() == dict.fromkeys(
        [
            *("http://one.example/", "http://two.example/"),
            "https://www.youtube.com/watch?v=abcdefghijk",
        ],
        "alive",
    )
    asked = [str(asked) for asked in sites.asked]
    assert sorted(asked) == [
        *("GET www.youtube.com/oembed", "HEAD one.example/", "HEAD two.example/")
    ]
    assert {asked.agent for asked in sites.asked} == {
        "Trendsite/1.0 link check (+http://testserver/)"
    }


def test_of_a_video_its_platform_is_asked(sites, online):
    """The page of a video that was deleted is there all the same."""
    sites.page("www.youtube.com/watch")
    make_video("abcdefghijk")
    make_source("talk", url="https://youtu.be/bcdefghijkl?t=3")
    check()
    assert link("https://www.youtube.com/watch?v=abcdefghijk").state == "gone"
    assert link("https://youtu.be/bcdefghijkl?t=3").state == "gone"


def test_nothing_is_read_of_a_page(sites, online):
    sites.page("long.example/", body=b"x" * 10_000_000, methods=("GET",))
    make_source("long", url="http://long.example/")
    check()
    assert link("http://long.example/").state == "alive"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://nowhere.example/", "there is no such host"),
        ("http://127.0.0.1:9/", "no connection"),
        ("http://10.0.0.1/", "not on the public internet"),
        ("http://broken.example/", "HTTP 503"),
    ],
)
def test_what_does_not_answer_is_gone_after_some_tries_over_days(sites, online, address, reason):
    sites.page("broken.example/", status=503)
    make_source("silent", url=address)
    for _ in range(4):
        check()
        silent = link(address)
        assert (silent.state, silent.reason) == ("unreachable", reason)
        later(days=2)
    check()
    assert link(address).state == "gone"
    sites.page("broken.example/")
    later(days=8)
    check()
    if address == "http://broken.example/":
        assert (link(address).state, link(address).failures) == ("alive", 0)


def test_many_failures_of_one_day_are_not_gone(sites, online):
    make_source("silent", url="http://nowhere.example/")
    for _ in range(9):
        check("--days", "0")
    silent = link("http://nowhere.example/")
    assert (silent.state, silent.failures) == ("unreachable", 9)


def test_what_was_checked_longest_ago_comes_first_and_a_run_goes_on(sites):
    for n in range(6):
        sites.page(f"site-{n}.example/")
        make_source(f"source-{n}", url=f"http://site-{n}.example/")
    assert "wait for another run: 4" in check("--most", "2")
    assert "wait for another run: 0" in check("--most", "4")
    assert "none due" in check()
    assert len(sites.asked) == 6
    later(days=8)
    CheckedLink.objects.filter(address="http://site-3.example/").update(
        checked_at=timezone.now() - 30 * DAY
    )
    check("--most", "1")
    assert str(sites.asked[-1]) == "HEAD site-3.example/"


def test_a_run_that_is_killed_loses_nothing(sites):
    for n in range(3):
        sites.page(f"site-{n}.example/")
        make_source(f"source-{n}", url=f"http://site-{n}.example/")

    class Killed(io.StringIO):
        def write(self, text):
            if "site-1" in text:
                raise KeyboardInterrupt
            return super().write(text)

    with pytest.raises(KeyboardInterrupt):
        call_command("check_links", "--pause", "0", verbosity=2, stdout=Killed())
    assert sorted(states().values()) == ["", "alive", "alive"]
    check()
    assert sorted(states().values()) == ["alive"] * 3
    assert len(sites.asked) == 3


def test_a_run_ends_when_its_time_is_over(sites, online):
    assert "wait for another run: 1" in check("--minutes", "0")
    assert sites.asked == []


def test_a_machine_without_a_connection_says_so_and_records_nothing(sites):
    for n in range(7):
        make_source(f"source-{n}", url=f"http://nowhere-{n}.example/")
    with pytest.raises(CommandError, match="Is this machine online"):
        check()
    assert set(states().values()) == {""}
    with pytest.raises(CommandError, match="Is this machine online"):
        check("--most", "1")
    assert set(states().values()) == {""}


def test_a_host_that_is_asked_too_often_is_left_alone(sites, online):
    sites.page("busy.example/1", status=429)
    for n in (1, 2, 3):
        make_source(f"busy-{n}", url=f"http://busy.example/{n}")
    check()
    assert [asked.path for asked in sites.asked if asked.host == "busy.example"] == ["/1"]
    assert link("http://busy.example/2").state == ""


def test_the_platform_of_a_video_that_is_asked_too_often_is_left_alone(sites, online):
    sites.page("www.youtube.com/oembed", status=429)
    for n in (1, 2):
        make_source(f"talk-{n}", url=f"https://youtu.be/bcdefghijk{n}")
    check()
    asked = [str(asked) for asked in sites.asked if asked.host != "alive.example"]
    assert asked == ["GET www.youtube.com/oembed"]
    assert link("https://youtu.be/bcdefghijk2").state == ""


@pytest.mark.parametrize("status", [429, 503])
def test_an_archive_that_is_asked_too_often_is_left_alone(sites, online, status):
    sites.page("archive.org/wayback/available", status=status)
    for n in (1, 2):
        make_source(f"gone-{n}", url=f"http://www.example/gone-{n}")
    check()
    assert [asked.path for asked in sites.asked if asked.host == "archive.org"] == [
        "/wayback/available"
    ]
    assert [link(f"http://www.example/gone-{n}").state for n in (1, 2)] == ["gone", "gone"]


def test_a_host_has_its_pause_between_two_requests(sites, online, monkeypatch):
    slept = []
    monkeypatch.setattr("quotes.links.link_checks.time.sleep", slept.append)
    sites.page("one.example/1")
    sites.page("one.example/2")
    make_source("one", url="http://one.example/1")
    make_source("two", url="http://one.example/2")
    call_command("check_links", "--pause", "50", stdout=io.StringIO())
    waits = [round(seconds, -1) for seconds in slept if seconds]
    assert waits == [50]


def test_an_address_that_nothing_has_any_more_is_forgotten(sites, online):
    check()
    online.url = "http://www.example/"
    online.save()
    check()
    assert states() == {"http://www.example/": "alive"}
    online.delete()
    check()
    assert states() == {}


def test_a_copy_of_what_is_gone_is_known(sites, online):
    def archive(asked):
        copy = f"http://web.archive.org/web/20240501000000/{asked.query['url']}"
        closest = {"available": True, "url": copy, "timestamp": "20240501000000"}
        return Page(body=json.dumps({"archived_snapshots": {"closest": closest}}).encode())

    sites.page("archive.org/wayback/available", answer=archive)
    sites.page("gone.example/", status=404)
    make_source("gone", url="http://gone.example/?a=1&b=2")
    copied = "https://web.archive.org/web/2020/http://gone.example/other"
    sites.page("web.archive.org/web/2020/http://gone.example/other", status=404)
    make_source("copied", url=copied)
    check("--no-archive")
    assert link("http://gone.example/?a=1&b=2").archived_copy == ""
    later(days=8)
    check()
    assert link("http://gone.example/?a=1&b=2").archived_copy == (
        "https://web.archive.org/web/20240501000000/http://gone.example/?a=1&b=2"
    )
    assert link(copied).archived_copy == ""
    assert [a.path for a in sites.asked if a.host == "archive.org"] == ["/wayback/available"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"archived_snapshots": {}}', b'{"archived_snapshots": {"closest": 3}}']
)
def test_an_archive_that_knows_nothing_is_no_failure(sites, online, body):
    sites.page("archive.org/wayback/available", body=body)
    make_source("gone", url="http://www.example/gone")
    check()
    gone = link("http://www.example/gone")
    assert (gone.state, gone.archived_copy) == ("gone", "")


def test_every_platform_that_tells_of_its_videos_is_asked_about_the_video(sites):
    Video.objects.create(platform="vimeo", video_id="123456789")
    sites.json("vimeo.com/api/oembed.json", title="A talk")
    check()
    assert sites.asked[0].query["url"] == "https://vimeo.com/123456789"


def test_a_check_changes_no_page_of_readers():
    assert CheckedLink._meta.db_table not in content_tables()
