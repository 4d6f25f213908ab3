"""Keys for sources that an editor adds without one."""

from urllib.parse import urlsplit

from django.utils.text import slugify

from quotes.models import Source
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.slugs import free_slug

_LENGTH = 60
_TITLE_WORDS = 4


def free_key(
    *, url: str, publisher: str, date: PartialDate | None, title: str, but: int | None = None
) -> str:
    """A key that no other source has: `example-press-2025-title-of-report`.

    What cannot be written in ASCII is left out; the address's host stands in for a publisher.
    `but` is the primary key of the source itself.
    """
    host = (urlsplit(url).hostname or "").removeprefix("www.").replace(".", "-")
    parts = [
        slugify(publisher) or slugify(host),
        str(date.first_day.year) if date else "",
        "-".join(slugify(title).split("-")[:_TITLE_WORDS]),
    ]
    wanted = "-".join(part for part in parts if part)[:_LENGTH].strip("-") or "source"
    wanted = slugify(wanted.replace("_", "-"))
    taken = set(
        Source.objects.exclude(pk=but).filter(key__startswith=wanted).values_list("key", flat=True)
    )
    return free_slug(wanted, taken)
