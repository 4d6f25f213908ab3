"""Earlier outcomes of timeline entries, which an entry stores in a JSON column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trends.levels import EntryKind, ForecastState, ScheduledState
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import TranslatedText, active_language, languages


@dataclass(frozen=True)
class EarlierOutcome:
    """An outcome that was replaced by another one on the day `until`, with notes by language."""

    outcome: str
    until: PartialDate
    settled: PartialDate | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_column(cls, value: Mapping[str, Any]) -> "EarlierOutcome":
        settled = value.get("settled")
        return cls(
            value["outcome"],
            PartialDate.parse(value["until"]),
            PartialDate.parse(settled) if settled else None,
            value.get("note", {}),
        )

    def to_column(self) -> dict[str, Any]:
        """Return the value for the JSON column, without empty values."""
        value = {
            "outcome": self.outcome,
            "until": str(self.until),
            "settled": str(self.settled) if self.settled else "",
            "note": dict(self.notes),
        }
        return {name: part for name, part in value.items() if part}

    def label(self, kind: str) -> str:
        """Return its label for readers, for an entry of a kind."""
        states = ForecastState if kind == EntryKind.FORECAST else ScheduledState
        return str(states(self.outcome).label)

    @property
    def note(self) -> TranslatedText:
        """Return the note in the active language or a fallback language; it may be empty."""
        wanted = active_language()
        for language in [wanted, *languages()]:
            if self.notes.get(language):
                return TranslatedText(self.notes[language], language, wanted)
        return TranslatedText("", wanted, wanted)
