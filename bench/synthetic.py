"""A synthetic corpus: trend files of the shape and size of real ones, for benchmarks alone.

    python -m bench.synthetic DIR --trends 1000 --experts 20 --seed 1

The same arguments give the same bytes. Every text says that it is synthetic, and no name is
a person's.
"""

import argparse
import random
from pathlib import Path

from trends.fixture_format.emitter import Plain, emit

STATUSES = ["emerging", "growing", "established", "declining"]
CONFIDENCES = ["low", "medium", "high"]
AUDIENCES = ["ai-companies", "enterprises", "developers", "researchers", "policymakers"]
TAGS = [f"synthetic-topic-{number}" for number in range(1, 13)]

_WORDS = {
    "en": "synthetic model product price demand supply report quarter company method cost share",
    "ja": "合成の 模型は 製品を 価格が 需要と 供給の 報告で 企業へ 手法を 「計測」を 12%の",
}


def write_corpus(folder: Path, *, trends: int, experts: int, seed: int = 1) -> None:
    """Write the vocabulary, the experts and so many trends to a folder, one file at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocabulary.yaml").write_text(emit(_vocabulary()), encoding="utf-8")
    (folder / "experts.yaml").write_text(emit(_experts(experts)), encoding="utf-8")
    for number in range(1, trends + 1):
        # Each file has a seed of its own, so that a larger corpus begins with the smaller one.
        random_ = random.Random(f"{seed}/{number}")
        document = _Trend(random_, number, trends, experts).document()
        (folder / f"{_slug(number)}.yaml").write_text(emit(document), encoding="utf-8")


def _slug(number: int) -> str:
    return f"synthetic-trend-{number:05}"


def _expert(number: int) -> str:
    return f"synthetic-speaker-{number:03}"


def _vocabulary() -> dict:
    return {
        "tags": {tag: {"en": tag.replace("-", " "), "ja": f"合成{tag[-2:]}"} for tag in TAGS},
        "audiences": {
            audience: {"en": audience.replace("-", " "), "ja": f"読者{number}"}
            for number, audience in enumerate(AUDIENCES)
        },
    }


def _experts(count: int) -> dict:
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


class _Trend:
    """One trend's document, out of its own random numbers."""

    def __init__(self, random_: random.Random, number: int, trends: int, experts: int) -> None:
        self._random = random_
        self._number = number
        self._trends = trends
        self._experts = experts
        self._keys = [f"synthetic-{number}-{n}" for n in range(1, random_.randint(14, 22))]
        self._assessed = sorted(random_.sample(range(2015, 2026), 3))

    def document(self) -> dict:
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
                for _ in range(4)
            ],
            "mentions": [self._mention(n) for n in range(self._random.randint(4, 8))],
            "implications": [
                {
                    "audience": audience,
                    "points": [
                        {"lead": self._texts(4), "text": self._texts(40), "sources": self._cited(1)}
                        for _ in range(3)
                    ],
                }
                for audience in AUDIENCES[:3]
            ],
            "timeline": [self._timeline_entry() for _ in range(9)],
            "assessments": [
                {
                    "date": Plain(f"{year}-05-01"),
                    "status": status,
                    "confidence": confidence,
                    "rationale": self._texts(20),
                    "sources": self._cited(2),
                }
                for year in self._assessed
            ],
            "sources": {
                key: {
                    "url": f"https://synthetic.example/{key}",
                    "title": self._text("en", 8),
                    "publisher": "Synthetic Press",
                    "date": self._date(),
                    "language": "en",
                }
                for key in self._keys
            },
            "reading": self._cited(6),
        }

    def _one_of(self, values: list[str]) -> str:
        return self._random.choice(values)

    def _text(self, language: str, words: int) -> str:
        return (" " if language == "en" else "").join(
            self._random.choices(_WORDS[language].split(), k=words)
        )

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

    def _cited(self, count: int) -> list[str]:
        return self._random.sample(self._keys, count)

    def _date(self) -> Plain:
        year = self._random.randint(2015, 2026)
        return Plain(self._one_of([f"{year}", f"{year}-Q3", f"{year}-06", f"{year}-12-18"]))

    def _mention(self, number: int) -> dict:
        return {
            "expert": _expert(self._random.randint(1, self._experts)),
            "original": f"Synthetic words {self._number}-{number}: {self._text('en', 25)}",
            "language": "en",
            "translation": {"ja": self._text("ja", 25)},
            "occasion": self._texts(12),
            **({"voice": Plain("true")} if number < 3 else {}),
            "video": {
                "platform": "youtube",
                "id": f"syn{self._number:05}{number:03}",
                "title": self._text("en", 8),
                "channel": "Synthetic Channel",
                "date": self._date(),
                "start": f"{self._random.randint(1, 59)}:30",
            },
            "source": self._one_of(self._keys),
            "tags": self._random.sample(TAGS, 2),
        }

    def _timeline_entry(self) -> dict:
        forecast = self._random.random() < 0.3
        return {
            "date": self._date(),
            "text": self._texts(20),
            **(
                {"kind": "forecast", "outcome": "pending", "note": self._texts(9)}
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
    options = parser.parse_args()
    write_corpus(options.folder, trends=options.trends, experts=options.experts, seed=options.seed)


if __name__ == "__main__":
    main()
