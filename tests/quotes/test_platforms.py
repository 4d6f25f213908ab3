"""Addresses of videos, as platforms, players and people write them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from quotes.platforms import Platform, is_video_id, read_video_address, video_address

YOUTUBE = ("youtube", "dQw4w9WgXcQ")
VIMEO = ("vimeo", "76979871")
NICONICO = ("niconico", "sm9")
UNLISTED = ("vimeo", "76979871/8272103f6e")
TALK = ("ted", "a_person_on_a_thing")
BILIBILI = ("bilibili", "BV1GJ411x7h7")
PART = ("bilibili", "BV1GJ411x7h7?p=2")


@pytest.fixture(autouse=True)
def _a_peertube_host(settings):
    settings.PEERTUBE_HOSTS = ["video.example.org", "tube.example.net:8443"]


@pytest.mark.parametrize(
    ("address", "video", "second"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", YOUTUBE, None),
        ("http://youtube.com/watch?v=dQw4w9WgXcQ&t=754", YOUTUBE, 754),
        ("https://www.youtube.com/watch?t=754s&v=dQw4w9WgXcQ", YOUTUBE, 754),
        ("https://m.youtube.com/watch?v=dQw4w9WgXcQ&t=1h2m3s", YOUTUBE, 3723),
        ("https://music.youtube.com/watch?v=dQw4w9WgXcQ&list=PLx&index=3", YOUTUBE, None),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ#t=2m", YOUTUBE, 120),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&amp;t=12", YOUTUBE, 12),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc&t=12", YOUTUBE, 12),
        ("youtu.be/dQw4w9WgXcQ", YOUTUBE, None),
        ("//www.youtube.com/embed/dQw4w9WgXcQ?start=90", YOUTUBE, 90),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", YOUTUBE, None),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", YOUTUBE, None),
        ("https://www.youtube.com/live/dQw4w9WgXcQ?feature=share", YOUTUBE, None),
        ("https://www.youtube.com/v/dQw4w9WgXcQ/", YOUTUBE, None),
        ("  https://WWW.YouTube.com/watch?v=dQw4w9WgXcQ&t=0 ", YOUTUBE, None),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=later", YOUTUBE, None),
        ("https://youtu.be/dQw4w9WgXcQ&t=5", YOUTUBE, 5),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ?t=30\u200b", YOUTUBE, 30),
        ("https://www.youtube.com./watch?v=dQw4w9WgXcQ", YOUTUBE, None),
        (
            '<iframe width="560" src="https://www.youtube.com/embed/dQw4w9WgXcQ?si=x&amp;start=9" '
            'title="YouTube video player" allowfullscreen></iframe>',
            YOUTUBE,
            9,
        ),
        ("https://vimeo.com/76979871", VIMEO, None),
        ("https://vimeo.com/manage/videos/76979871", VIMEO, None),
        ("https://vimeo.com/76979871#t=1m30s", VIMEO, 90),
        ("https://player.vimeo.com/video/76979871?autoplay=1#t=12.5s", VIMEO, 12),
        ("https://vimeo.com/channels/staffpicks/76979871", VIMEO, None),
        ("https://vimeo.com/showcase/123/video/76979871", VIMEO, None),
        ("https://vimeo.com/76979871/8272103f6e", UNLISTED, None),
        ("https://player.vimeo.com/video/76979871?h=8272103f6e", UNLISTED, None),
        ("https://www.nicovideo.jp/watch/sm9?from=30", NICONICO, 30),
        ("https://sp.nicovideo.jp/watch/sm9", NICONICO, None),
        ("https://embed.nicovideo.jp/watch/sm9", NICONICO, None),
        ("https://nico.ms/sm9?ref=share", NICONICO, None),
        ("https://www.ted.com/talks/a_person_on_a_thing?language=ja", TALK, None),
        ("https://embed.ted.com/talks/lang/ja/a_person_on_a_thing", TALK, None),
        ("https://www.ted.com/talks/a_person_on_a_thing/transcript", TALK, None),
        ("https://www.bilibili.com/video/BV1GJ411x7h7/?t=61", BILIBILI, 61),
        ("https://m.bilibili.com/video/BV1GJ411x7h7?p=1", BILIBILI, None),
        ("https://www.bilibili.com/video/BV1GJ411x7h7?p=2&t=5", PART, 5),
        ("https://player.bilibili.com/player.html?bvid=BV1GJ411x7h7", BILIBILI, None),
        ("https://www.bilibili.com/video/av170001", ("bilibili", "av170001"), None),
        (
            "https://video.example.org/w/9AeTVUrTPKqhqVGNnkdxGE?start=1m2s",
            ("peertube", "video.example.org/w/9AeTVUrTPKqhqVGNnkdxGE"),
            62,
        ),
        (
            "https://tube.example.net:8443/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d",
            ("peertube", "tube.example.net:8443/w/9c9de5e8-0a1e-484a-b099-e80766180a6d"),
            None,
        ),
    ],
)
def test_video_and_second_are_read_from_an_address(address, video, second):
    assert read_video_address(address) == (*video, second)


@pytest.mark.parametrize(
    ("platform", "video_id", "address", "at_75"),
    [
        ("youtube", "dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "&t=75s"),
        ("vimeo", "76979871/8272103f6e", "https://vimeo.com/76979871/8272103f6e", "#t=75s"),
        ("niconico", "sm9", "https://www.nicovideo.jp/watch/sm9", "?from=75"),
        ("ted", "a_talk", "https://www.ted.com/talks/a_talk", "?t=75s"),
        ("bilibili", "BV1GJ411x7h7", "https://www.bilibili.com/video/BV1GJ411x7h7", "?t=75"),
        (
            "bilibili",
            "BV1GJ411x7h7?p=2",
            "https://www.bilibili.com/video/BV1GJ411x7h7?p=2",
            "&t=75",
        ),
        (
            "peertube",
            "video.example.org/w/9AeTVUrTPKqhqVGNnkdxGE",
            "https://video.example.org/w/9AeTVUrTPKqhqVGNnkdxGE",
            "?start=75s",
        ),
    ],
)
def test_the_address_of_a_video_is_read_as_that_video(platform, video_id, address, at_75):
    assert is_video_id(platform, video_id)
    assert video_address(platform, video_id) == address
    assert video_address(platform, video_id, 75) == address + at_75
    assert read_video_address(address + at_75) == (platform, video_id, 75)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.org/watch?v=dQw4w9WgXcQ",
        "https://notyoutube.com/watch?v=dQw4w9WgXcQ",
        "https://youtube.com.example.org/watch?v=dQw4w9WgXcQ",
        "ftp://youtube.com/watch?v=dQw4w9WgXcQ",
        "https://other.example.org/w/9AeTVUrTPKqhqVGNnkdxGE",
        "https://[::1",
        "https://youtube.com:99999/watch?v=dQw4w9WgXcQ",
        "some words",
        "",
    ],
)
def test_an_address_of_no_known_platform_names_those_that_are(address):
    with pytest.raises(ValidationError, match="Known are YouTube, Vimeo, ニコニコ動画, TED"):
        read_video_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/",
        "https://www.youtube.com/@somebody",
        "https://www.youtube.com/playlist?list=PLx",
        "https://www.youtube.com/embed/live_stream?channel=UCx",
        "https://www.youtube.com/embed/videoseries?list=PLx",
        "https://youtu.be/short",
        "https://vimeo.com/somebody",
        "https://www.nicovideo.jp/user/9",
        "https://www.ted.com/speakers/somebody",
        "https://www.bilibili.com/video/",
        "https://video.example.org/about",
    ],
)
def test_an_address_of_no_video_says_so(address):
    with pytest.raises(ValidationError, match="is not the address of a video"):
        read_video_address(address)


def test_a_host_that_is_no_longer_listed_has_no_ids(settings):
    settings.PEERTUBE_HOSTS = []
    assert not is_video_id("peertube", "video.example.org/w/9AeTVUrTPKqhqVGNnkdxGE")
    with pytest.raises(ValidationError) as refused:
        read_video_address("https://video.example.org/w/9AeTVUrTPKqhqVGNnkdxGE")
    assert "PeerTube" not in refused.value.messages[0]


@given(
    st.text()
    | st.builds("https://{}/{}".format, st.sampled_from(["youtube.com", "vimeo.com"]), st.text())
)
def test_whatever_is_pasted_is_read_or_refused(text):
    try:
        platform, video_id, second = read_video_address(text)
    except ValidationError:
        return
    assert is_video_id(platform, video_id)
    assert platform in Platform.values
    assert second is None or second > 0
