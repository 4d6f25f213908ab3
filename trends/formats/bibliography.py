"""How to cite a trend: its title, its address, and the day of its version."""

from dataclasses import dataclass

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from trends.models import Trend
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import translated

SITE = "Trendsite"

_IN_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{character: f"\\{character}" for character in "&%$#_{}"},
    }
)
_IN_MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>&"})


@dataclass(frozen=True)
class Citations:
    """The citation of a trend as text, BibTeX and Markdown, in the language of its title."""

    language: str
    plain: str
    bibtex: str
    markdown: str


def cite(trend: Trend, language: str) -> Citations:
    """Return the citations of a trend; its version is the day of its last change."""
    title = translated(trend, "title", language)
    address = trend.absolute_urls(language)["html"]
    day = timezone.localdate(trend.updated_at)
    with translation.override(title.language):
        shown_day = PartialDate.from_date(day).display()
        version = _("version of %(day)s") % {"day": shown_day}
        plain = _("%(site)s: %(title)s (version of %(day)s). %(address)s") % {
            "site": SITE,
            "title": title.text,
            "day": shown_day,
            "address": address,
        }
    # Double braces keep the capitals of the title.
    entry = {
        "title": f"{{{title.text.translate(_IN_BIBTEX)}}}",
        "author": f"{{{SITE}}}",
        "year": f"{day:%Y}",
        "month": f"{day:%m}",
        "url": address,
        "note": f"Version of {day.isoformat()}",
        "language": title.language,
    }
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in entry.items())
    return Citations(
        language=title.language,
        plain=plain,
        bibtex=f"@online{{trendsite-{trend.slug},\n{fields}}}",
        markdown=f"{SITE}: [{title.text.translate(_IN_MARKDOWN)}]({address}) ({version})",
    )
