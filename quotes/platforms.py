"""Video platforms: what their ids look like, and the addresses of their videos.

All rules of a platform are its row in `_PLATFORMS`. An id is the part of the platform's own address
that identifies a video. Where that takes two parts, such as the key of an unlisted video on Vimeo,
the id has both.
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
    """A video platform."""

    YOUTUBE = "youtube", "YouTube"
    VIMEO = "vimeo", "Vimeo"
    NICONICO = "niconico", "ニコニコ動画"
    TED = "ted", "TED"
    BILIBILI = "bilibili", "bilibili"
    PEERTUBE = "peertube", "PeerTube"


class VideoAddress(NamedTuple):
    """The parts of a video's address: platform, id, and the second to start at, if any."""

    platform: str
    video_id: str
    second: int | None


@dataclass(frozen=True)
class _Rules:
    """The rules by which a platform writes the addresses of its videos.

    `hosts` are compared without `www.`, `m.` and the like. `places` find the id in host and path,
    as the group `id`; `parameter` is the query parameter that has the id in other addresses. `key`
    is a query parameter that is part of the id where the address has it; `joined` stands between
    the two. `address` is the pattern of a video's address, and `moment` the pattern to add for a
    second. `oembed` is the platform's oEmbed endpoint. `picture_hosts` serve the pictures.
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
        # Players of a channel's stream and of a playlist have these words in place of an id.
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
    """Return the address of a video on its platform, starting at `second` where that is given."""
    rules = _PLATFORMS[Platform(platform)]
    address = rules.address.format(video_id)
    if second is None:
        return address
    joint = "" if rules.moment.startswith("#") else "&" if "?" in address else "?"
    return address + joint + rules.moment.format(second)


def oembed_address(platform: str, video_id: str) -> str:
    """Return the oEmbed address of a video; empty where the platform has no oEmbed."""
    rules = _PLATFORMS[Platform(platform)]
    query = urlencode({"url": video_address(platform, video_id), "format": "json"})
    return f"{rules.oembed.format(host=video_id.split('/')[0])}?{query}" if rules.oembed else ""


def picture_hosts(platform: str, video_id: str) -> tuple[str, ...]:
    """Return the hosts that a video's picture may be fetched from; subdomains are allowed too."""
    if platform == Platform.PEERTUBE:
        return (video_id.split("/")[0].partition(":")[0],)
    return _PLATFORMS[Platform(platform)].picture_hosts


def read_video_address(text: str) -> VideoAddress:
    """Return the platform, id and second in the address of a video.

    Reads the addresses of pages, short links, embedded players and apps, with or without a
    scheme, and the HTML that platforms offer for embedding. Ignores other parts of the address,
    such as the playlist. Raises ValidationError where the address is on no known platform, or has
    no id of a video.
    """
    text = normal_form(text, one_line=True)
    embedded = _EMBEDDING_CODE.search(text)
    address = _with_one_query((embedded[1] if embedded else text).replace("&amp;", "&"))
    try:
        parts = urlsplit(address if "://" in address else f"https://{address.removeprefix('//')}")
        host = (parts.hostname or "").rstrip(".") + (f":{parts.port}" if parts.port else "")
    except ValueError:  # brackets without an IP address, or a port that is no number
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
    """Return an address with one `?`, given one with a moment typed to it: …/id&t=5, …?v=id?t=5."""
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
    """Return the id of the video in host, path and query; empty where they have none."""
    place = _bare(host) + path.rstrip("/")
    matches = [match for pattern in rules.places if (match := re.fullmatch(pattern, place))]
    video_id = query.get(rules.parameter) or (matches[0]["id"] if matches else "")
    key = query.get(rules.key, "")
    if key in ("", "1") or rules.joined in video_id:  # an id without a key means the first part
        return video_id
    return video_id + rules.joined + key


def _seconds(written: str) -> int | None:
    """Return the seconds of a moment in an address; None for zero or an unreadable moment."""
    match = _MOMENT.fullmatch(written.strip().partition(".")[0])
    if not match or not any(match.groups()):
        return None
    parts = {name: int(value or 0) for name, value in match.groupdict().items()}
    hours, minutes = parts["h"] + parts["hh"], parts["m"] + parts["mm"]
    seconds = hours * 3600 + minutes * 60 + parts["s"] + parts["ss"]
    return seconds or None  # zero is the start, which needs no moment


def _unknown_address(text: str) -> ValidationError:
    return ValidationError(
        _("“%(address)s” is the address of no video platform known here. Known are %(known)s."),
        code="invalid",
        params={
            "address": text,
            "known": ", ".join(platform.label for platform in known_platforms()),
        },
    )
