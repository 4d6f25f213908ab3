"""Citations of a trend: its title, its address, and the day of its version.

Its page has text and Markdown; files for reference managers have BibTeX, RIS and CSL-JSON.
"""

import datetime
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext as _

from trends.formats.responses import for_programs, link_to_page
from trends.models import Trend
from trendsite.shared import days
from trendsite.shared.former_slugs import redirects_former_slugs
from trendsite.shared.head import SITE_NAME
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.snapshots import snapshot
from trendsite.shared.translated import active_language, translated

# Braces only in pairs, since BibTeX counts them even after a backslash.
_IN_BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "\u00a0": "~",
        **{character: f"\\{character}" for character in "&%$#_"},
    }
)
# Places between signs that TeX would join, such as two hyphens to a dash.
_JOINED = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=[`!?])(?=`)|(?<=,)(?=,)|(?<=<)(?=<)|(?<=>)(?=>)")
_IN_MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>&"})


@dataclass(frozen=True)
class CitedTrend:
    """The citation of a trend, in the language of its title."""

    key: str
    title: str
    language: str
    address: str
    version: datetime.date
    """The day of its last change."""

    @classmethod
    def of(cls, trend: Trend, language: str) -> "CitedTrend":
        """Return the citation of a trend for readers of a language."""
        title = translated(trend, "title", language)
        return cls(
            key=f"trendsite-{trend.slug}",
            title=" ".join(title.text.splitlines()),
            language=title.language,
            address=trend.absolute_urls(language)["html"],
            version=days.day_of(trend.updated_at),
        )

    @property
    def plain(self) -> str:
        """Return the citation as text."""
        with translation.override(self.language):
            return _("%(site)s: %(title)s (version of %(day)s). %(address)s") % {
                "site": SITE_NAME,
                "title": self.title,
                "day": PartialDate.from_date(self.version).display(),
                "address": self.address,
            }

    @property
    def markdown(self) -> str:
        """Return the citation as Markdown."""
        title = self.title.translate(_IN_MARKDOWN)
        with translation.override(self.language):
            day = PartialDate.from_date(self.version).display()
            version = _("version of %(day)s") % {"day": day}
        return f"{SITE_NAME}: [{title}]({self.address}) ({version})"

    @property
    def bibtex(self) -> str:
        return as_bibtex(self)

    @property
    def files(self) -> Sequence["CitationFile"]:
        """Return the formats of files for reference managers."""
        return FILES


def as_bibtex(cited: CitedTrend) -> str:
    """Return a BibTeX entry."""
    title = _JOINED.sub("{}", cited.title.translate(_IN_BIBTEX))
    # Double braces keep the capitals of the title.
    entry = {
        "title": f"{{{title}}}",
        "author": f"{{{SITE_NAME}}}",
        "year": f"{cited.version:%Y}",
        "month": f"{cited.version:%m}",
        "url": cited.address,
        "note": f"Version of {cited.version.isoformat()}",
        "language": cited.language,
    }
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in entry.items())
    return f"@online{{{cited.key},\n{fields}}}"


def as_ris(cited: CitedTrend) -> str:
    """Return an RIS record, which EndNote and most reference managers read."""
    lines = {
        "TY": "ELEC",
        "ID": cited.key,
        "TI": cited.title,
        "AU": SITE_NAME,
        "PY": f"{cited.version:%Y}",
        "DA": f"{cited.version:%Y/%m/%d}",
        "UR": cited.address,
        "LA": cited.language,
        "N1": f"Version of {cited.version.isoformat()}",
        "ER": "",
    }
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines.items())


def as_csl_json(cited: CitedTrend) -> str:
    """Return a list of one CSL-JSON item, which Zotero, Pandoc and citeproc read."""
    day = cited.version
    item = {
        "id": cited.key,
        "type": "webpage",
        "title": cited.title,
        "author": [{"literal": SITE_NAME}],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "version": day.isoformat(),
        "URL": cited.address,
        "language": cited.language,
    }
    return json.dumps([item], ensure_ascii=False, indent=1) + "\n"


class CitationFile(NamedTuple):
    """A file format of citations: its extension, its media type and its writer."""

    name: str
    extension: str
    media_type: str
    view_name: str
    write: Callable[[CitedTrend], str]


FILES = (
    CitationFile("BibTeX", "bib", "application/x-bibtex", "trend-bibtex", as_bibtex),
    CitationFile("RIS", "ris", "application/x-research-info-systems", "trend-ris", as_ris),
    CitationFile(
        "CSL-JSON",
        "csl.json",
        "application/vnd.citationstyles.csl+json",
        "trend-csl-json",
        as_csl_json,
    ),
)


def addresses() -> list[URLPattern]:
    """Return the URL patterns of the files: `trends/<slug>.bib`, `trends/<slug>.ris` and so on."""
    return [
        path(
            f"trends/<slug:slug>.{file.extension}",
            citation_file,
            {"file": file},
            name=file.view_name,
        )
        for file in FILES
    ]


@for_programs
@snapshot()
@redirects_former_slugs(lambda file: Trend.objects.published())
def citation_file(request: HttpRequest, file: CitationFile, slug: str) -> HttpResponse:
    """Return the citation of a published trend as a file."""
    trend = get_object_or_404(Trend.objects.published(), slug=slug)
    text = file.write(CitedTrend.of(trend, active_language()))
    response = HttpResponse(text, content_type=f"{file.media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{trend.slug}.{file.extension}"'
    return link_to_page(response, trend)
