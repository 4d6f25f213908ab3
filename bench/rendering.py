"""Compare the processor time that two versions of the site take to render pages.

    python -m bench.rendering OLD NEW [--rounds 15] [--keep DIR] [--only trend] [--json FILE]

OLD and NEW are each a folder with a checkout, or a commit. Both have the rows of the old one's
fixtures. Answers are not compressed and not taken from the cache of pages. Both versions render a
page in turn, so that other work on the machine affects both equally. `median` and `least` are in
milliseconds; `÷` is the new version's median divided by the old one's.
"""

import argparse
import json
import platform
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.compare_answers import Version, prepare

PAGES = {
    "trend": "trends/application-over-training/",
    "index": "",
    "tag": "tags/strategy/",
    "search": "search/?q=model",
    "forecasts": "forecasts/",
    "changes": "changes/",
    "audience": "audiences/developers/",
    "experts": "experts/",
    "feed": "feed.atom",
}
LANGUAGES = ["en", "ja"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare the cost of rendering two versions.")
    parser.add_argument("versions", nargs=2, metavar="OLD NEW", help="folders or commits")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where databases are kept")
    parser.add_argument("--only", default="", help="pages whose names begin so")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where results are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old, new = prepare(options.versions, options.keep or Path(folder), rendered=True)
        try:
            found = [
                _compare(old, new, f"{name} {language}", f"/{language}/{path}", options.rounds)
                for name, path in PAGES.items()
                if name.startswith(options.only)
                for language in LANGUAGES
            ]
        finally:
            old.stop()
            new.stop()
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        when = datetime.now(UTC).isoformat(timespec="seconds")
        options.json.write_text(json.dumps({"when": when, **machine, "pages": found}, indent=1))


def _compare(old: Version, new: Version, name: str, address: str, rounds: int) -> dict[str, object]:
    """Ask both versions for one page in turn, print the times and return them."""
    times: dict[str, list[float]] = {"old": [], "new": []}
    for turn in range(rounds + 1):
        for label, version in (("old", old), ("new", new)):
            answer = version.ask(address, "en")
            assert answer.status.startswith("200"), f"{address}: {answer.status}"
            if turn:  # the first one fills caches
                times[label].append(answer.cpu_ms)
    median = {label: statistics.median(found) for label, found in times.items()}
    least = {label: min(found) for label, found in times.items()}
    ratio = median["new"] / median["old"]
    print(
        f"{name:14} median {median['old']:6.1f} {median['new']:6.1f}"
        f"   least {least['old']:6.1f} {least['new']:6.1f}   ÷ {ratio:.2f}",
        flush=True,
    )
    return {"page": name, "median_ms": median, "least_ms": least, "ratio": round(ratio, 3)}


if __name__ == "__main__":
    main()
