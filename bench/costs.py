"""Check that no anonymous request costs much more than the median page.

    python -m bench.costs [--trends 10000] [--rounds 3] [--most 10] [--keep DIR]

Asks a database of `bench.scale` for every kind of address, and for those made to be costly. Prints
the processor time of each, database included and nothing kept, and what it is of the median of
`bench.scale.PAGES`. Exits with 1 if one takes more than `--most` times the median. A login is left
out: checking a password has to be slow, and failures are limited by account and address.
"""

import argparse
import statistics
import sys
import tempfile
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

from bench.scale import (
    LANGUAGES,
    PAGES,
    SHARED_PAGES,
    Worker,
    build,
    environment_for,
    with_last_page,
)

_WORDS = "synthetic model product demand report source cost energy agents training data policy"
_TREND = "trends/synthetic-trend-00007"
_ALL_TAGS = [("tag", f"synthetic-topic-{number}") for number in range(12)]
_ALL_EXPERTS = [("expert", f"synthetic-speaker-{number:03}") for number in range(60)]
_ALL_YEARS = [("year", str(year)) for year in range(1990, 2030)]
_ALL_STATES = [("status", name) for name in ("emerging", "growing", "established", "declining")]
_QUERIES = {
    "eight common words": " ".join(_WORDS.split()[:8]),
    "twelve words": _WORDS,
    "one letter": "a",
    "200 characters": "a b c d e f g h i j k l m " * 7,
    "phrases": '"synthetic model" "product demand"',
    "eight misspelled words": " ".join(word[:-1] + "zq" for word in _WORDS.split()[:8]),
    "one long word": "qwxzvkj" * 28,
    "one kana": "の",
    "Japanese sentence": "合成の傾向が製品の需要を増やすという報告である" * 4,
}
# Addresses that cost as much as possible, and those for which there is no page.
COSTLY = {
    **{f"search, {name}": "/en/search/?" + urlencode({"q": q}) for name, q in _QUERIES.items()},
    "search, all filters": "/en/search/?"
    + urlencode([("q", "synthetic"), *_ALL_TAGS, *_ALL_STATES, *_ALL_YEARS]),
    "index, all tags and states": "/en/?" + urlencode(_ALL_TAGS + _ALL_STATES),
    "index, all experts": "/en/?" + urlencode(_ALL_EXPERTS),
    "index, all years by title": "/en/?sort=title&page=9999&" + urlencode(_ALL_YEARS),
    "index, axis of everything": "/en/?view=time&" + urlencode(_ALL_STATES + _ALL_EXPERTS),
    "index, unknown tags": "/en/?" + urlencode([("tag", f"no-{n}") for n in range(150)]),
    "JSON, all filters": "/api/trends.json?retired=include&sort=title&" + urlencode(_ALL_TAGS),
    "changes of forty years": "/en/changes/?from=1990&to=2030&page=300",
    "nothing": "/en/nothing/",
    "no trend": "/en/trends/nothing/",
    "no source": "/en/sources/nothing/",
    "no video": "/en/videos/youtube/nothing/",
    "another form of a trend": "/EN/Trends/Synthetic-Trend-00007",
    "another form of a source": "/EN/Sources/synthetic-shared-154",
    "another form of a search": "/EN/search?q=synthetic+model+product",
    **{f"trend{end}": f"/en/{_TREND}{end}" for end in (".bib", ".ris", ".csl.json")},
    **{f"feed of a trend, {end}": f"/en/{_TREND}/feed.{end}" for end in ("atom", "json")},
    **{
        f"map of {name}, {number}": f"/sitemap-{name}.xml?p={number}"
        for name, number in product(("trends", "sources", "videos"), (2, 3))
    },
    **{name: f"/{name}" for name in ("", "robots.txt", "healthz", "readyz")},
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Find anonymous requests that cost too much.")
    parser.add_argument("--trends", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=float, default=10, help="times the median page (10)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the database is kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = environment_for(options.keep or Path(folder), options.trends, None)
        build(options.keep or Path(folder), options.trends, environment)
        times = _times(Worker(options.trends, environment), options.trends, options.rounds)
    pages = [f"{name} {language}" for name, language in product(PAGES, LANGUAGES)]
    median = statistics.median(times[name] for name in pages)
    dear = 0
    for name, milliseconds in sorted(times.items(), key=lambda item: -item[1]):
        ratio = milliseconds / median
        dear += ratio > options.most
        print(f"{name:36}{milliseconds:10.1f} ms{ratio:8.1f} ×{'  !' * (ratio > options.most)}")
    print(f"median page: {median:.1f} ms; {len(times)} addresses; {dear} above {options.most:g} ×")
    sys.exit(dear > 0)


def _times(worker: Worker, trends: int, rounds: int) -> dict[str, float]:
    """Return the least processor time of each address in milliseconds, after a first request."""
    addresses = {
        **{f"{name} {code}": f"/{code}/{PAGES[name]}" for name, code in product(PAGES, LANGUAGES)},
        **SHARED_PAGES,
        **COSTLY,
    }
    found: dict[str, float] = {}
    for turn in range(rounds + 1):
        for name, path in addresses.items():
            answer = worker.ask(with_last_page(path, trends))
            if answer["status"] >= 500:
                raise SystemExit(f"{path} answers {answer['status']}")
            if turn:
                found[name] = min(answer["cpu_ms"], found.get(name, answer["cpu_ms"]))
    worker.end()
    return found


if __name__ == "__main__":
    main()
