"""Look up title, channel, day and picture of a video on its platform, by oEmbed.

Only editors who add a video cause requests, never readers. Requests go to the hosts of the
platforms alone, by https, and their answers are checked like uploads, as untrusted.
"""

import datetime
import io
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from quotes.models import Video
from quotes.platforms import Platform, oembed_address, picture_hosts
from trendsite.shared.fetch_errors import FetchError
from trendsite.shared.images.uploads import MAX_BYTES, CleanImage, clean_image
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.text.normal_form import normal_form

if TYPE_CHECKING:
    from trendsite.shared.fetching import Answer

_PURPOSE = "video look-up"
# The limit of each request. A look-up makes at most three.
_SECONDS = 5
_MOST_BYTES = 256 * 1024


class LookupFailedError(Exception):
    """The platform gave no data of a video. The message is for the editor."""


@dataclass(frozen=True)
class VideoFacts:
    """The data of a video from its platform. A text is empty where the platform gave none."""

    title: str
    channel: str
    date: PartialDate | None
    picture: CleanImage | None


def look_up_video(platform: str, video_id: str) -> VideoFacts:
    """Return the data of a video from its platform, within 15 seconds. Raises LookupFailedError."""
    label = Platform(platform).label
    address = oembed_address(platform, video_id)
    if not address:
        raise LookupFailedError(_("%(platform)s does not provide titles.") % {"platform": label})
    unreachable = _("%(platform)s cannot be reached.") % {"platform": label}
    host = urlsplit(address).hostname or ""
    try:
        answer = _fetch(address, most_bytes=_MOST_BYTES, hosts=(host,))
        reply = json.loads(answer.body) if answer.is_ok else None
    except (FetchError, ValueError, RecursionError) as error:
        raise LookupFailedError(unreachable) from error
    if answer.status in (400, 404, 410):
        raise LookupFailedError(_("%(platform)s has no such video.") % {"platform": label})
    if not isinstance(reply, dict):
        raise LookupFailedError(unreachable)
    return VideoFacts(
        title=_text(reply, "title", "title"),
        channel=_text(reply, "author_name", "channel"),
        date=_day(reply.get("upload_date")),
        picture=_picture(reply, address, picture_hosts(platform, video_id)),
    )


def _fetch(address: str, *, most_bytes: int, hosts: Collection[str]) -> "Answer":
    # Imported here, since it loads urllib3: some megabytes that most processes do not need.
    from trendsite.shared.fetching import fetch

    return fetch(address, purpose=_PURPOSE, seconds=_SECONDS, most_bytes=most_bytes, hosts=hosts)


def _text(reply: dict[str, Any], name: str, field: str) -> str:
    text = reply.get(name)
    column: Any = Video._meta.get_field(field)
    longest: int = column.max_length
    return normal_form(text, one_line=True)[:longest].strip() if isinstance(text, str) else ""


def _day(text: object) -> PartialDate | None:
    """Return the day in Vimeo's answer, which is written “2025-06-01 10:00:00”."""
    try:
        return PartialDate.from_date(datetime.date.fromisoformat(str(text)[:10]))
    except ValueError:
        return None


def _picture(reply: dict[str, Any], base: str, hosts: tuple[str, ...]) -> CleanImage | None:
    """Return the picture that the answer names, in its largest size; None where none is usable."""
    if not isinstance(reply.get("thumbnail_url"), str):
        return None
    address = re.sub(r"\Ahttp:", "https:", urljoin(base, reply["thumbnail_url"]))
    larger = address.replace("/hqdefault.", "/maxresdefault.")  # on YouTube; some videos lack it
    for each in dict.fromkeys([larger, address]):
        try:
            answer = _fetch(each, most_bytes=MAX_BYTES, hosts=hosts)
            if answer.is_ok:
                return clean_image(io.BytesIO(answer.body))
        except (FetchError, ValidationError):
            continue
    return None
