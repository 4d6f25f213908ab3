"""What the outcome of a timeline entry was before, as the entry remembers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trends.levels import EntryKind, ForecastState, ScheduledState
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.translated import TranslatedText, active_language, languages


@dataclass(frozen=True)
class EarlierOutcome:
    """An outcome that another one replaced on the day `until`; `notes` are its reasons."""

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
        """Return it as the entry stores it, without what is empty."""
        value = {
            "outcome": self.outcome,
            "until": str(self.until),
            "settled": str(self.settled) if self.settled else "",
            "note": dict(self.notes),
        }
        return {name: part for name, part in value.items() if part}

    def label(self, kind: str) -> str:
        """Return what a reader is told of it, for an entry of a kind."""
        states = ForecastState if kind == EntryKind.FORECAST else ScheduledState
        return str(states(self.outcome).label)

    @property
    def note(self) -> TranslatedText:
        """The reason in the active language, or in one to which it falls back; may be empty."""
        wanted = active_language()
        for language in [wanted, *languages()]:
            if self.notes.get(language):
                return TranslatedText(self.notes[language], language, wanted)
        return TranslatedText("", wanted, wanted)
