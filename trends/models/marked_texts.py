"""The texts in which marks (`[^key]`) may cite sources.

A source that a text marks is also among the sources of its row. So the relations to sources alone
tell what cites a source, and a marked source cannot be deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Model

from trends.models.assessments import Assessment
from trends.models.audiences import Implication
from trends.models.drivers import Driver
from trends.models.trends import Trend
from trendsite.shared.text.markdown import marks_in_markdown, pictures_in_markdown
from trendsite.shared.text.marks import (
    SourceMark,
    full_width_marks,
    marks_in_words,
    rename_marks,
    without_marks,
)
from trendsite.shared.translated import TranslatedText, column, translated, translations


@dataclass(frozen=True)
class MarkedText:
    """A translated field with marks, and the relation to the sources that they name."""

    field: str
    sources: str
    find: Callable[[str], tuple[SourceMark, ...]]
    """Returns the marks of a text, by its markup."""

    def keys(self, row: Model) -> list[str]:
        """Return the keys in the marks of a row in all languages, each once, in order."""
        texts = translations(row, self.field).values()
        return list(dict.fromkeys(mark.key for text in texts for mark in self.find(text)))

    def rename(self, row: Model, names: dict[str, str]) -> list[str]:
        """Replace keys in the marks of a row, without saving it; return the changed columns.

        `names` maps old keys to new ones.
        """
        changed = []
        for language, text in translations(row, self.field).items():
            renamed = rename_marks(text, self.find(text), names)
            if renamed != text:
                changed.append(column(self.field, language))
                setattr(row, changed[-1], renamed)
        return changed


MARKED_TEXTS: dict[type[Model], MarkedText] = {
    Trend: MarkedText(Trend.marked_text, "shift_sources", marks_in_markdown),
    Driver: MarkedText(Driver.marked_text, "sources", marks_in_markdown),
    Implication: MarkedText(Implication.marked_text, "sources", marks_in_words),
    Assessment: MarkedText(Assessment.marked_text, "sources", marks_in_words),
}
"""By model."""


def typed_pictures(row: Model) -> list[str]:
    """Return the pictures in the Markdown of a row in all languages. Pages do not show them."""
    marked = MARKED_TEXTS.get(type(row))
    if marked is None or marked.find is not marks_in_markdown:
        return []
    texts = translations(row, marked.field).values()
    return [picture for text in texts for picture in pictures_in_markdown(text)]


def typed_marks(row: Model) -> list[str]:
    """Return the marks with full-width signs in a row in all languages. They mark no source."""
    marked = MARKED_TEXTS.get(type(row))
    texts = translations(row, marked.field).values() if marked else []
    return [mark for text in texts for mark in full_width_marks(text)]


def marks_shown(row: Model) -> list[str]:
    """Return the keys in the marked text of a row in the language that is shown, in order."""
    marked = MARKED_TEXTS.get(type(row))
    if marked is None:
        return []
    return [mark.key for mark in marked.find(translated(row, marked.field).text)]


def unmarked(row: Model, field: str, text: str) -> str:
    """Return a text of a row without marks, if the field may have any."""
    marked = MARKED_TEXTS.get(type(row))
    return without_marks(text, marked.find(text)) if marked and marked.field == field else text


def translated_unmarked(row: Model, field: str) -> TranslatedText:
    """Return a text as `translated()` does, without marks."""
    value = translated(row, field)
    return TranslatedText(unmarked(row, field, value.text), value.language, value.wanted)
