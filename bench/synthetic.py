"""Write a synthetic corpus: files of trends with the shape and size of real ones, for benchmarks.

    python -m bench.synthetic DIR --trends 1000 --experts 20 --seed 1 [--lean]

The same arguments give the same bytes. Every text says that it is synthetic, and no name is that
of a person. The frequency of words follows Zipf's law, as in a language. Trends share all tags and
experts, and some sources and videos.
"""

import argparse
import random
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, product
from pathlib import Path

from trends.fixture_format.emitter import Plain, Value, emit

STATUSES = ["emerging", "growing", "established", "declining"]
CONFIDENCES = ["low", "medium", "high"]
AUDIENCES = ["ai-companies", "enterprises", "developers", "researchers", "policymakers"]
TAGS = [f"synthetic-topic-{number}" for number in range(1, 13)]

MARK = "qxc"
"""The beginning of words that occur only in the quotations of one trend."""

_SHARED = 200
_WORDS = {
    "en": "synthetic model product price demand supply report quarter company method cost share",
    "ja": "合成の 模型は 製品を 価格が 需要と 供給の 報告で 企業へ 手法を 「計測」を 12%の",
}
_SYLLABLES = {
    "en": ["ba", "den", "fi", "gor", "hu", "kal", "lem", "mi", "nor", "pu", "ra", "sti", "tov"],
    "ja": list("安以宇衣於加幾久計己左之寸世曽太知川天止奈仁奴祢乃波比不部保"),
}


@dataclass(frozen=True)
class Shape:
    """The size of a trend: numbers of rows, and a factor for the length of texts."""

    drivers: int
    mentions: tuple[int, int]
    audiences: int
    points: int
    timeline: int
    sources: tuple[int, int]
    length: float


FULL = Shape(4, (4, 8), audiences=3, points=3, timeline=9, sources=(14, 22), length=1)
LEAN = Shape(2, (1, 3), audiences=2, points=1, timeline=4, sources=(6, 9), length=0.4)
"""A third of the text and of the rows: for collections of tens of thousands."""


def write_corpus(
    folder: Path, *, trends: int, experts: int, seed: int = 1, shape: Shape = FULL
) -> None:
    """Write files with the vocabulary, the experts and `trends` trends to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocabulary.yaml").write_text(emit(_vocabulary()), encoding="utf-8")
    (folder / "experts.yaml").write_text(emit(_experts(experts)), encoding="utf-8")
    for number in range(1, trends + 1):
        # Each file has its own seed, so that a larger corpus contains the files of a smaller one.
        random_ = random.Random(f"{seed}/{number}")
        document = _Trend(random_, number, trends, experts, shape).document()
        (folder / f"{_slug(number)}.yaml").write_text(emit(document), encoding="utf-8")


def mark(number: int) -> str:
    """Return the word that is in the quotations of one trend only."""
    return MARK + "".join("bcdfghjkmn"[int(digit)] for digit in f"{number:05}")


def _slug(number: int) -> str:
    return f"synthetic-trend-{number:05}"


def _expert(number: int) -> str:
    return f"synthetic-speaker-{number:03}"


def _vocabulary() -> dict[str, Value]:
    return {
        "tags": {tag: {"en": tag.replace("-", " "), "ja": f"合成{tag[-2:]}"} for tag in TAGS},
        "audiences": {
            audience: {"en": audience.replace("-", " "), "ja": f"読者{number}"}
            for number, audience in enumerate(AUDIENCES)
        },
    }


def _experts(count: int) -> dict[str, Value]:
    return {
        "experts": {
            _expert(number): {
                "name": {"en": f"Synthetic Speaker {number}", "ja": f"合成話者{number}"},
                "role": {"en": "speaker of a benchmark", "ja": "計測用の話者"},
                "affiliation": {"en": "Benchmark Corpus", "ja": "計測用コーパス"},
            }
            for number in range(1, count + 1)
        }
    }


@cache
def _words(language: str) -> tuple[list[str], list[float]]:
    """Return the words of a language, and their cumulative frequency by Zipf's law."""
    made = map("".join, product(_SYLLABLES[language], repeat=3 if language == "en" else 2))
    words = [*_WORDS[language].split(), *made]
    return words, list(accumulate(1 / rank for rank in range(1, len(words) + 1)))


class _Trend:
    """Makes the document of one trend, with its own random numbers."""

    def __init__(
        self, random_: random.Random, number: int, trends: int, experts: int, shape: Shape
    ) -> None:
        self._random = random_
        self._number = number
        self._trends = trends
        self._experts = experts
        self._shape = shape
        self._shared = f"synthetic-shared-{random_.randint(1, _SHARED)}"
        count = random_.randint(*shape.sources)
        self._keys = [f"synthetic-{number}-{n}" for n in range(1, count)] + [self._shared]
        self._assessed = sorted(random_.sample(range(2015, 2027), 3))

    def document(self) -> dict[str, Value]:
        shape = self._shape
        status, confidence = self._one_of(STATUSES), self._one_of(CONFIDENCES)
        others = self._random.sample(range(1, self._trends + 1), min(4, self._trends))
        return {
            "trend": _slug(self._number),
            "status": status,
            "confidence": confidence,
            "since": self._date(),
            "published": Plain(f"2025-{self._random.randint(1, 12):02}-01"),
            "tags": self._random.sample(TAGS, 3),
            "related": [_slug(other) for other in others if other != self._number] or [],
            "title": self._texts(5),
            "subtitle": self._texts(9),
            "shift": self._markdown(3),
            "shift_sources": self._cited(4),
            "drivers": [
                {"heading": self._texts(4), "body": self._markdown(2), "sources": self._cited(3)}
                for _ in range(shape.drivers)
            ],
            "mentions": [self._mention(n) for n in range(self._random.randint(*shape.mentions))],
            "implications": [
                {
                    "audience": audience,
                    "points": [
                        {"lead": self._texts(4), "text": self._texts(40), "sources": self._cited(1)}
                        for _ in range(shape.points)
                    ],
                }
                for audience in sorted(self._random.sample(AUDIENCES, shape.audiences))
            ],
            "timeline": [self._timeline_entry() for _ in range(shape.timeline)],
            "assessments": [
                {
                    "date": Plain(f"{year}-0{self._random.randint(1, 9)}-01"),
                    # The last assessment has the status of the trend, the others random ones.
                    "status": status if year == self._assessed[-1] else self._one_of(STATUSES),
                    "confidence": confidence,
                    "rationale": self._texts(20),
                    "sources": self._cited(2),
                }
                for year in self._assessed
            ],
            "sources": {key: self._source(key) for key in self._keys},
            "reading": [self._shared, *self._cited(5, self._keys[:-1])],
            **self._retirement(),
        }

    def _retirement(self) -> dict[str, Value]:
        """Return the retirement of every ninth trend. The next trend is its successor."""
        if self._number % 9:
            return {}
        return {
            "retired": Plain(f"2026-0{self._random.randint(1, 9)}-15"),
            "retired_note": self._texts(12),
            "successors": [_slug(self._number + 1)] if self._number < self._trends else [],
        }

    def _source(self, key: str) -> dict[str, Value]:
        # A shared source has to be the same in all files.
        is_shared = key == self._shared
        return {
            "url": f"https://synthetic.example/{key}",
            "title": "Synthetic report" if is_shared else self._text("en", 8),
            "publisher": "Synthetic Press",
            "date": Plain("2024-Q3") if is_shared else self._date(),
            "language": "en",
        }

    def _one_of(self, values: list[str]) -> str:
        return self._random.choice(values)

    def _text(self, language: str, count: int) -> str:
        words, frequency = _words(language)
        count = max(3, round(count * self._shape.length)) - 1
        chosen = [words[0], *self._random.choices(words, cum_weights=frequency, k=count)]
        return (" " if language == "en" else "").join(chosen)

    def _texts(self, words: int) -> dict[str, str]:
        return {language: self._text(language, words) for language in _WORDS}

    def _markdown(self, paragraphs: int) -> dict[str, str]:
        def text(language: str) -> str:
            sentences = [self._text(language, 25) for _ in range(2 * paragraphs)]
            return "\n\n".join(
                f"{plain}\n**{strong}**"
                for plain, strong in zip(sentences[::2], sentences[1::2], strict=True)
            )

        return {language: text(language) for language in _WORDS}

    def _cited(self, count: int, keys: list[str] | None = None) -> list[str]:
        return self._random.sample(keys or self._keys, min(count, len(keys or self._keys)))

    def _date(self) -> Plain:
        year = self._random.randint(2015, 2026)
        return Plain(self._one_of([f"{year}", f"{year}-Q3", f"{year}-06", f"{year}-12-18"]))

    def _video(self, number: int) -> dict[str, Value]:
        if self._random.random() < 0.1:
            shared = self._random.randint(1, _SHARED)
            return {
                "platform": "youtube",
                "id": f"synshare{shared:03}",
                "title": "Synthetic talk",
                "channel": "Synthetic Channel",
                "date": Plain("2024-06"),
            }
        return {
            "platform": "youtube",
            "id": f"syn{self._number:05}{number:03}",
            "title": self._text("en", 8),
            "channel": "Synthetic Channel",
            "date": self._date(),
        }

    def _mention(self, number: int) -> dict[str, Value]:
        return {
            "expert": _expert(self._random.randint(1, self._experts)),
            "original": f"Synthetic words {mark(self._number)} {self._number}-{number}: "
            + self._text("en", 25),
            "language": "en",
            "translation": {"ja": self._text("ja", 25)},
            "occasion": self._texts(12),
            **({"voice": Plain("true")} if number < 3 else {}),
            "video": {**self._video(number), "start": f"{self._random.randint(1, 59)}:30"},
            "source": self._one_of(self._keys),
            "tags": self._random.sample(TAGS, 2),
        }

    def _timeline_entry(self) -> dict[str, Value]:
        forecast = self._random.random() < 0.3
        date = self._date()
        # A date in 2026 may not be over; an outcome would need the day on which it was known.
        outcomes = ["pending"] if date >= "2026" else ["pending", "confirmed", "missed"]
        return {
            "date": date,
            "text": self._texts(20),
            **(
                {
                    "kind": "forecast",
                    "outcome": self._one_of(outcomes),
                    "note": self._texts(9),
                }
                if forecast
                else {}
            ),
            "source": self._one_of(self._keys),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a synthetic corpus of fixtures.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trends", type=int, default=1000)
    parser.add_argument("--experts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lean", action="store_true", help="a third of the text and the rows")
    options = parser.parse_args()
    write_corpus(
        options.folder,
        trends=options.trends,
        experts=options.experts,
        seed=options.seed,
        shape=LEAN if options.lean else FULL,
    )


if __name__ == "__main__":
    main()
