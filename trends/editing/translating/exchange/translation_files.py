"""The content of files of translations, in both formats."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from trends.editing.translating.trend_texts import fetch_trend, texts_of_trend
from trendsite.shared.translated import languages

MOST_BYTES = 5 * 1024**2
"""The largest file that is read: some hundred trends."""


@dataclass(frozen=True)
class ExchangedText:
    """A text of a trend in a file.

    `is_done` means that the translator has finished it, `is_fuzzy` that it needs another look.
    """

    slug: str
    name: str
    source: str
    target: str
    is_done: bool
    is_fuzzy: bool = False
    source_language: str = ""
    source_before: str = ""
    heading: str = ""


@dataclass(frozen=True)
class TranslationFile:
    """A file: its target language and its texts."""

    language: str
    texts: list[ExchangedText]


def exported(pks: Iterable[int], language: str, *, shows_all: bool = False) -> TranslationFile:
    """Return the texts of trends in a language that need work, or with `shows_all` all texts.

    Texts of rows that trends share, such as experts, are in the first of them. The number of
    queries grows with that of trends.
    """
    found: dict[str, ExchangedText] = {}
    for pk in pks:
        trend = fetch_trend(pk)
        for text in texts_of_trend(trend, language) if trend else []:
            is_own = text.place.owner is trend
            if text.state.field == "title_reading" or not (shows_all or text.state.needs_work):
                continue
            key = f"{trend.slug}/{text.name}" if trend and is_own else text.name
            found.setdefault(
                key,
                ExchangedText(
                    trend.slug if trend else "",
                    text.name,
                    text.state.source,
                    text.state.text if text.state.status != "missing" else "",
                    text.state.status == "done",
                    source_language=text.source_language,
                    source_before=text.state.source_before,
                    heading=text.heading,
                ),
            )
    return TranslationFile(language, list(found.values()))


def write_file(file: TranslationFile, ending: str) -> bytes:
    """Return the bytes of a file in the format of an extension, `xlf` or `po`."""
    # Imported here, since the XML library takes 5 MB.
    from trends.editing.translating.exchange.po import write_po
    from trends.editing.translating.exchange.xliff import write_xliff

    return {"po": write_po, "xlf": write_xliff}[ending](file)


def read_file(name: str, content: bytes) -> TranslationFile:
    """Parse a file in the format of its extension. Raises ValidationError."""
    from trends.editing.translating.exchange.po import read_po
    from trends.editing.translating.exchange.xliff import read_xliff

    readers = {".po": read_po, ".xlf": read_xliff, ".xliff": read_xliff}
    reader = readers.get(PurePath(name).suffix.lower())
    if reader is None:
        raise ValidationError(_("A file of translations ends in .xlf, .xliff or .po."))
    if len(content) > MOST_BYTES:
        raise ValidationError(
            _("The file is larger than %(most)d MB.") % {"most": MOST_BYTES // 1024**2}
        )
    file = reader(content)
    if file.language not in languages():
        raise ValidationError(
            _("The file translates into “%(language)s”, which is no language of this site.")
            % {"language": file.language}
        )
    return file
