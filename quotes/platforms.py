"""Video platforms: what their ids look like, and the addresses of their videos.

Everything that the site knows of a platform is its row in `_PLATFORMS`. An id is what identifies
a video in the platform's own address; where that takes two parts, such as the key of an unlisted
video on Vimeo, the id has both.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from trendsite.shared.text.normal_form import normal_form

VIDEO_ID_LENGTH = 200

# 754, 754s, 12m34s, 1h2m3s, 12:34, 1:02:03
_MOMENT = re.compile(
    r"(?:(?P<h>\d{1,3})h)?(?:(?P<m>\d{1,5})m)?(?:(?P<s>\d{1,6})s?)?"
    r"|(?:(?P<hh>\d{1,3}):)?(?P<mm>\d{1,3}):(?P<ss>\d{2})",
    re.ASCII,
)
# The parameters in which platforms and players put the moment at which a video starts.
_MOMENT_NAMES = ("t", "start", "from", "time_continue")


class Platform(models.TextChoices):
    """Where a video is watched."""

    YOUTUBE = "youtube", "YouTube"
    VIMEO = "vimeo", "Vimeo"
    NICONICO = "niconico", "ニコニコ動画"
    TED = "ted", "TED"
    BILIBILI = "bilibili", "bilibili"
    PEERTUBE = "peertube", "PeerTube"


class VideoAddress(NamedTuple):
    """What the address of a video says: the video, and the second at which it starts, if any."""

    platform: str
    video_id: str
    second: int | None


@dataclass(frozen=True)
class _Rules:
    """How a platform names its videos.

    `hosts` are compared without `www.`, `m.` and the like. `places` find the id in host and path,
    as the group `id`; `parameter` is the name under which it is in the query instead. `key` is a
    parameter that belongs to the id where it is there, `joined` with it. `address` is the
    address of a video, and `moment` what is added for a second. `oembed` is where the platform
    tells about its videos, `picture_hosts` are where their pictures are.
    """

    video_id: re.Pattern[str]
    hosts: tuple[str, ...]
    places: tuple[str, ...]
    address: str
    moment: str = "t={}s"
    parameter: str = ""
    key: str = ""
    joined: str = ""
    oembed: str = ""
    picture_hosts: tuple[str, ...] = ()


_PLATFORMS = {
    Platform.YOUTUBE: _Rules(
        # Players of a channel's stream and of a playlist stand where the id of a video would.
        video_id=re.compile(r"(?!live_stream$|videoseries$)[A-Za-z0-9_-]{11}"),
        hosts=("youtube.com", "youtube-nocookie.com", "youtu.be"),
        places=(r"[^/]+/(?:watch|shorts|live|embed|v|e)/(?P<id>[^/]+)", r"youtu\.be/(?P<id>[^/]+)"),
        parameter="v",
        address="https://www.youtube.com/watch?v={}",
        oembed="https://www.youtube.com/oembed",
        picture_hosts=("ytimg.com",),
    ),
    Platform.VIMEO: _Rules(
        video_id=re.compile(r"[0-9]{5,12}(?:/[0-9a-f]{6,20})?"),
        hosts=("vimeo.com",),
        places=(
            r"[^/]+/(?:video/|manage/videos/)?(?P<id>[0-9]+(?:/[0-9a-f]+)?)",
            r"[^/]+/(?:channels|groups|album|showcase|ondemand)/.+/(?P<id>[0-9]+)",
        ),
        key="h",
        joined="/",
        address="https://vimeo.com/{}",
        moment="#t={}s",
        oembed="https://vimeo.com/api/oembed.json",
        picture_hosts=("vimeocdn.com",),
    ),
    Platform.NICONICO: _Rules(
        video_id=re.compile(r"(?:sm|nm|so)[0-9]{1,10}"),
        hosts=("nicovideo.jp", "nico.ms"),
        places=(r"nicovideo\.jp/watch/(?P<id>[^/]+)", r"nico\.ms/(?P<id>[^/]+)"),
        address="https://www.nicovideo.jp/watch/{}",
        moment="from={}",
        oembed="https://www.nicovideo.jp/oembed",
        picture_hosts=("nimg.jp", "smilevideo.jp"),
    ),
    Platform.TED: _Rules(
        video_id=re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*"),
        hosts=("ted.com",),
        places=(r"[^/]+/talks/(?:lang/[\w-]+/)?(?P<id>[^/]+?)(?:/transcript)?(?:\.html)?",),
        address="https://www.ted.com/talks/{}",
        oembed="https://www.ted.com/services/v1/oembed.json",
        picture_hosts=("tedcdn.com", "ted.com"),
    ),
    Platform.BILIBILI: _Rules(
        video_id=re.compile(r"(?:BV[0-9A-Za-z]{10}|av[0-9]{1,12})(?:\?p=[0-9]{1,4})?"),
        hosts=("bilibili.com", "b23.tv"),
        places=(r"[^/]+/(?:video/)?(?P<id>(?:BV|av)[^/]+)",),
        parameter="bvid",
        key="p",
        joined="?p=",
        address="https://www.bilibili.com/video/{}",
        moment="t={}",
    ),
    # On many hosts, those of the setting PEERTUBE_HOSTS; the id begins with the host.
    Platform.PEERTUBE: _Rules(
        video_id=re.compile(r"(?P<host>[a-z0-9.-]+(?::[0-9]{1,5})?)/w/[A-Za-z0-9-]{20,36}"),
        hosts=(),
        places=(r"[^/]+/(?:w|videos/watch|videos/embed)/(?P<id>[^/]+)",),
        address="https://{}",
        moment="start={}s",
        oembed="https://{host}/services/oembed",
    ),
}


_EMBEDDING_CODE = re.compile(r"""<iframe\b[^>]*\bsrc=["']([^"'>]+)""", re.IGNORECASE)


def known_platforms() -> list[Platform]:
    """Return the platforms whose videos may be quoted: PeerTube where the setting names a host."""
    return [
        platform
        for platform in Platform
        if platform != Platform.PEERTUBE or settings.PEERTUBE_HOSTS
    ]


def is_video_id(platform: str, text: str) -> bool:
    """Return whether a text is the id of a video on a platform."""
    match = _PLATFORMS[Platform(platform)].video_id.fullmatch(text)
    if match and platform == Platform.PEERTUBE:
        return match["host"] in settings.PEERTUBE_HOSTS
    return match is not None


def video_address(platform: str, video_id: str, second: int | None = None) -> str:
    """Return the address of a video on its platform, from a second on where one is given."""
    rules = _PLATFORMS[Platform(platform)]
    address = rules.address.format(video_id)
    if second is None:
        return address
    joint = "" if rules.moment.startswith("#") else "&" if "?" in address else "?"
    return address + joint + rules.moment.format(second)


def oembed_address(platform: str, video_id: str) -> str:
    """Return where a platform tells about a video; empty for one that tells nothing."""
    rules = _PLATFORMS[Platform(platform)]
    query = urlencode({"url": video_address(platform, video_id), "format": "json"})
    return f"{rules.oembed.format(host=video_id.split('/')[0])}?{query}" if rules.oembed else ""


def picture_hosts(platform: str, video_id: str) -> tuple[str, ...]:
    """Return the hosts from which the picture of a video may be fetched, those below them too."""
    if platform == Platform.PEERTUBE:
        return (video_id.split("/")[0].partition(":")[0],)
    return _PLATFORMS[Platform(platform)].picture_hosts


def read_video_address(text: str) -> VideoAddress:
    """Return what the address of a video says, however the platform wrote it.

    Takes the addresses of pages, short links, embedded players and apps, with or without a
    scheme, and the code that platforms offer for embedding. Leaves out what says nothing of the
    video, such as the playlist it was found in. Raises ValidationError where it is on no known
    platform, or is that of no video.
    """
    text = normal_form(text, one_line=True)
    embedded = _EMBEDDING_CODE.search(text)
    address = _with_one_query((embedded[1] if embedded else text).replace("&amp;", "&"))
    try:
        parts = urlsplit(address if "://" in address else f"https://{address.removeprefix('//')}")
        host = (parts.hostname or "").rstrip(".") + (f":{parts.port}" if parts.port else "")
    except ValueError:  # brackets that hold no address, or a port that is none
        raise _unknown_address(text) from None
    platform = _platform_of(host) if parts.scheme in ("http", "https") else None
    if platform is None:
        raise _unknown_address(text)
    query = dict(parse_qsl(parts.query))
    video_id = _id_in(_PLATFORMS[platform], host, unquote(parts.path), query)
    if platform == Platform.PEERTUBE:
        video_id = f"{host}/w/{video_id}"
    if not is_video_id(platform, video_id):
        raise ValidationError(
            _("“%(address)s” is on %(platform)s, but is not the address of a video."),
            code="invalid",
            params={"address": text, "platform": platform.label},
        )
    moments = {**query, **dict(parse_qsl(parts.fragment))}
    written = [moments[name] for name in _MOMENT_NAMES if name in moments]
    return VideoAddress(platform, video_id, _seconds(written[0]) if written else None)


def _with_one_query(address: str) -> str:
    """Return an address to whose id a moment was typed: …/id&t=5 and …?v=id?t=5."""
    head, sign, query = address.partition("?")
    if not sign:
        head, sign, query = address.partition("&")
    return f"{head}?{query.replace('?', '&')}" if sign else address


def _bare(host: str) -> str:
    return re.sub(r"\A(?:www|m|mobile|sp|music|player|embed)\.", "", host)


def _platform_of(host: str) -> Platform | None:
    """Return the platform that a host belongs to, if any."""
    if host in settings.PEERTUBE_HOSTS:
        return Platform.PEERTUBE
    found = (platform for platform, rules in _PLATFORMS.items() if _bare(host) in rules.hosts)
    return next(found, None)


def _id_in(rules: _Rules, host: str, path: str, query: dict[str, str]) -> str:
    """Return the id in the parts of an address; empty where there is none."""
    place = _bare(host) + path.rstrip("/")
    matches = [match for pattern in rules.places if (match := re.fullmatch(pattern, place))]
    video_id = query.get(rules.parameter) or (matches[0]["id"] if matches else "")
    key = query.get(rules.key, "")
    if key in ("", "1") or rules.joined in video_id:  # the first part is what is meant without it
        return video_id
    return video_id + rules.joined + key


def _seconds(written: str) -> int | None:
    """Return the seconds of a moment in an address; None for one that cannot be read."""
    match = _MOMENT.fullmatch(written.strip().partition(".")[0])
    if not match or not any(match.groups()):
        return None
    parts = {name: int(value or 0) for name, value in match.groupdict().items()}
    hours, minutes = parts["h"] + parts["hh"], parts["m"] + parts["mm"]
    seconds = hours * 3600 + minutes * 60 + parts["s"] + parts["ss"]
    return seconds or None  # from the start is no moment in it


def _unknown_address(text: str) -> ValidationError:
    return ValidationError(
        _("“%(address)s” is the address of no video platform known here. Known are %(known)s."),
        code="invalid",
        params={
            "address": text,
            "known": ", ".join(platform.label for platform in known_platforms()),
        },
    )
