"""The page of a video: what is quoted from it, by its seconds."""

import pytest

from quotes.models import Mention
from tests.support.make import date, make_expert, make_mention, make_trend, make_video
from tests.support.reading import (
    by_role,
    links,
    page_header,
    read,
    words,
)
from trends.models import TrendMention

pytestmark = pytest.mark.django_db

PAGE = "/en/videos/youtube/abcdefghijk/"

# 1 the video, 2 its mentions, 3 their trends, 4 the mentions of the page with experts, 5 their
# tags, 6 their trends, 7 the trends of the page, 8-10 the videos close to it.
VIDEO_QUERIES = 10


def quote(video, start, trend, **values):
    mention = make_mention(f"Said at {start}.", video=video, start=start, **values)
    TrendMention.objects.create(trend=trend, mention=mention)
    return mention


def test_it_says_what_the_video_is(client):
    make_video(date=date("2025-12-18"))
    header = page_header(read(client, PAGE))
    assert "A talk YouTube · Example Channel · 18 December 2025" in words(header)
    assert "https://www.youtube.com/watch?v=abcdefghijk" in links(header)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_mentions_stand_in_the_order_of_seconds_each_linked_to_its_moment(client, language):
    video, trend = make_video(), make_trend()
    for start in (754, 3661, 5, None):
        quote(video, start, trend)
    moments = by_role(read(client, f"/{language}/videos/youtube/abcdefghijk/"), "article")
    address = "https://www.youtube.com/watch?v=abcdefghijk"
    found = [next(iter(links(moment).items())) for moment in moments]
    assert found[1:] == [
        (f"{address}&t=5s", "0:05"),
        (f"{address}&t=754s", "12:34"),
        (f"{address}&t=3661s", "1:01:01"),
    ]
    assert found[0][0] == address
    assert "Said at 5." in words(moments[1])
    assert ("訳：Said at 5." in words(moments[1])) == (language == "ja")
    anchor = Mention.objects.get(start=None).anchor
    assert f"/{language}/trends/example-trend/#{anchor}" in links(moments[0])


def test_what_no_reader_sees_is_not_quoted(client):
    quote(make_video(), 5, make_trend(published=None))
    page = read(client, PAGE)
    assert "No published trend quotes this video yet." in words(page)
    assert "Said at 5." not in words(page)


@pytest.mark.parametrize(
    "address", ["youtube/zzzzzzzzzzz", "vimeo/abcdefghijk", "nowhere/abcdefghijk"]
)
def test_unknown_video_is_not_found(client, address):
    make_video()
    read(client, f"/en/videos/{address}/", 404)


def test_only_reading_is_allowed(client):
    make_video()
    assert client.post(PAGE).status_code == 405


def test_cards_link_it(client):
    trend = make_trend()
    quote(make_video(), 5, trend)
    assert PAGE in links(read(client, trend.get_absolute_url()))
    assert PAGE in links(read(client, make_expert().get_absolute_url()))


def test_pages(client):
    video, trend = make_video(), make_trend()
    for start in range(25):
        quote(video, start, trend)
    assert len(by_role(read(client, PAGE), "article")) == 24
    assert "Said at 24." in words(read(client, f"{PAGE}?page=2"))


@pytest.mark.parametrize("size", [1, 8])
def test_the_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, size):
    video = make_video()
    for n in range(size):
        trend, expert = make_trend(f"trend-{n}"), make_expert(f"expert-{n % 5}")
        quote(video, n, trend, expert=expert)
        quote(make_video(f"other-{n:05}"), 100 + n, trend, expert=expert)
    with django_assert_num_queries(VIDEO_QUERIES):
        client.get(PAGE)


def test_of_many_quotations_the_last_are_listed(client, monkeypatch):
    video = make_video()
    for n, start in enumerate([30, 20, None, 10]):
        quote(video, start, make_trend(f"trend-{n}", title_en=f"Title {n}"))
    everything = words(read(client, PAGE))
    assert "added last" not in everything
    assert "Title 0" in everything
    for place in ("trends.pages.video", "trends.queries.mentions"):
        monkeypatch.setattr(f"{place}.MOST_MENTIONS", 3)
    page = read(client, PAGE)
    text = words(page)
    assert "The 3 quotations that were added last, and the trends with them." in text
    assert "Title 0" not in text
    said = [text.index(f"Said at {start}.") for start in (None, 10, 20)]
    assert said == sorted(said)
    assert "最近追加された発言3件" in words(read(client, "/ja/videos/youtube/abcdefghijk/"))
