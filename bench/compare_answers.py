"""Compare the answers of two versions of the site byte for byte.

    python -m bench.compare_answers OLD NEW [--fixtures DIR] [--limit N] [--list]

OLD and NEW are each a folder with a checkout, or a commit of this repository. The old version
loads the fixtures into a scratch database; the new one migrates a copy of it, as on an upgrade.
Then both are asked for the same addresses through their WSGI application: those listed below, and
every address of the site in an answer (links, sitemaps, feeds, JSON), in all languages.

Prints each difference of status, headers or body once, with the addresses that have it. Exits with
1 if anything differs but white space that browsers ignore, otherwise with 0.
"""

import argparse
import base64
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

SITE = "http://trends.example.org"
LANGUAGES = ["en", "ja"]

# Paths below each language from which the comparison starts. It follows links from there.
STARTS = [
    "",
    "a-z/",
    "changes/",
    "changes/?from=2026-03&to=2026-Q2",
    "changes/?from=yesterday",
    "experts/",
    "feed.atom",
    "feed.json",
    "forecasts/",
    "forecasts/?outcome=missed",
    "forecasts/?outcome=unknown",
    "opensearch.xml",
    "search/",
    "search/?q=model",
    "search/?q=%22open+weights%22",
    "search/?q=%E6%8E%A8%E8%AB%96",
    "search/?q=%E8%A8%93%E9%8C%AC",
    "search/?q=xyzzyq",
    "search/?q=model&status=growing&page=2",
    "tags/",
    "?page=99999",
    "?page=x",
    "?sort=since&view=time",
    "?status=growing&status=emerging&confidence=high&sort=title",
    "?status=unknown&tag=unknown&year=x",
    "trends/unknown/",
    "trends/unknown.json",
    "unknown/",
]
SHARED_STARTS = [
    "/",
    "/api/trends.json",
    "/api/trends.json?page=99&status=unknown",
    "/api/trends.json?status=growing&sort=since&retired=include",
    "/favicon.ico",
    "/fr/",
    "/healthz",
    "/llms.txt",
    "/media/unknown.webp",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap-unknown.xml",
]

# Paths that are not compared: static files, and the admin, which needs a session.
SKIPPED = ("/static/", "/admin/")

IGNORED_HEADERS = {"date", "server", "x-request-id"}

_LINK = re.compile(r"""(?:href|src|action|content)=["']?(/[^"'\s>]*)|srcset="([^"]*)\"""")
_ABSOLUTE = re.compile(re.escape(SITE) + r"(/[^\s\"'<>)\\]*)?")
_BLOCKS = (
    "address|article|aside|blockquote|body|br|caption|dd|details|dialog|div|dl|dt|fieldset|"
    "figcaption|figure|footer|form|h[1-6]|head|header|hr|html|legend|li|link|main|meta|nav|ol|"
    "optgroup|option|p|script|section|style|summary|table|tbody|td|tfoot|th|thead|title|tr|ul|"
    "svg|g|path|line|rect|circle|text|defs|use|symbol|!doctype"
)
_BESIDE_BLOCKS = re.compile(rf"\s*(</?(?:{_BLOCKS})\b[^>]*>)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """The answer of one version to one request."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cpu_ms: float = field(default=0, compare=False)
    """The processor time that it took, in milliseconds."""

    @property
    def media_type(self) -> str:
        """Return the content type without its parameters, "" if there is none."""
        kinds = [value for name, value in self.headers if name.lower() == "content-type"]
        return kinds[0].partition(";")[0] if kinds else ""

    @property
    def is_text(self) -> bool:
        return self.media_type.startswith("text/") or self.media_type.endswith(("json", "xml"))


class Version:
    """One version of the site, which answers requests in another process."""

    def __init__(self, checkout: Path, state: Path, rendered: bool) -> None:
        self.checkout = checkout
        self.state = state
        self._rendered = rendered
        self._process: subprocess.Popen[str] | None = None

    @property
    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONWARNINGS": "ignore",
            "PYTHONPATH": str(self.checkout),
            "DJANGO_SETTINGS_MODULE": "trendsite.settings",
            "SECRET_KEY": "for-a-comparison-alone-" * 3,
            "DEBUG": "False",
            "SITE_URL": SITE,
            "ALLOWED_HOSTS": str(urlsplit(SITE).hostname),
            "DATABASE_URL": f"sqlite:///{self.state}/site.sqlite3",
            "MEDIA_ROOT": str(self.state / "media"),
            "TIME_ZONE": "UTC",
            "RECENT_DAYS": "90",
        }

    def manage(self, *arguments: str) -> None:
        """Run a command of manage.py. Raises CalledProcessError if it fails."""
        command = [sys.executable, "manage.py", *arguments, "--verbosity", "0"]
        subprocess.run(command, cwd=self.checkout, env=self._environment, check=True)

    def start(self) -> None:
        arguments = ["--answer", "--rendered"] if self._rendered else ["--answer"]
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), *arguments],
            cwd=self.checkout,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, address: str, language: str) -> Answer:
        """Return the answer to a GET of `address` with `Accept-Language: <language>`."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([address, language]) + "\n")
        self._process.stdin.flush()
        status, headers, body, cpu_ms = json.loads(self._process.stdout.readline())
        kept = [
            (name, _in_order(value) if name.lower() == "content-security-policy" else value)
            for name, value in headers
            if name.lower() not in IGNORED_HEADERS
        ]
        return Answer(status, tuple(kept), base64.b64decode(body), cpu_ms)

    def stop(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()
            self._process.wait()


def _in_order(policy: str) -> str:
    """Return a Content-Security-Policy with its directives sorted, since their order may vary."""
    return "; ".join(sorted(policy.split("; ")))


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the answers of two versions.")
    parser.add_argument("versions", nargs="*", metavar="OLD NEW", help="folders or commits")
    parser.add_argument("--fixtures", type=Path, help="a folder of files (default: the old one's)")
    parser.add_argument("--limit", type=int, default=5000, help="most addresses to ask")
    parser.add_argument("--list", action="store_true", help="name all addresses of a difference")
    parser.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rendered", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        _answer(options.rendered)
        return 0
    if len(options.versions) != 2:
        parser.error("name two versions, each a folder or a commit")
    with tempfile.TemporaryDirectory() as folder:
        old, new = prepare(options.versions, Path(folder), options.fixtures)
        try:
            return _compare(old, new, limit=options.limit, most=None if options.list else 3)
        finally:
            old.stop()
            new.stop()


def prepare(
    names: Sequence[str], folder: Path, fixtures: Path | None = None, *, rendered: bool = False
) -> tuple[Version, Version]:
    """Start both versions with the same rows and files, and return them.

    `names` are folders with checkouts, or commits. `fixtures` defaults to those of the old version.
    With `rendered`, each answer is rendered and none is taken from the cache of pages.
    """
    checkouts = [
        _checkout(name, folder / label) for name, label in zip(names, ["old", "new"], strict=True)
    ]
    old, new = (
        Version(checkout, folder / label, rendered)
        for checkout, label in zip(checkouts, ["before", "after"], strict=True)
    )
    if not new.state.exists():  # it exists if the folder is from an earlier run
        old.state.mkdir(parents=True)
        fixtures = fixtures or old.checkout / "fixtures"
        old.manage("migrate")
        old.manage("loaddata", *sorted(str(path.resolve()) for path in fixtures.glob("*.yaml")))
        shutil.copytree(old.state, new.state)
    new.manage("migrate")
    new.manage("draw_cards")
    for version in (old, new):
        version.start()
    return old, new


def _checkout(name: str, folder: Path) -> Path:
    """Return the folder `name` or, if it is a commit, `folder` with the files of the commit."""
    if Path(name).is_dir():
        return Path(name).resolve()
    folder.mkdir()
    archive = subprocess.run(["git", "archive", name], check=True, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def _compare(old: Version, new: Version, *, limit: int, most: int | None) -> int:
    """Ask both versions for every address and print what differs; return the exit status."""
    starts = SHARED_STARTS + [f"/{code}/{path}" for code in LANGUAGES for path in STARTS]
    waiting = deque(dict.fromkeys(starts))
    known = set(waiting)
    kinds: Counter[str] = Counter()
    differences: dict[str, list[str]] = defaultdict(list)
    asked = 0
    while waiting and asked < limit:
        address = waiting.popleft()
        asked += 1
        for language in LANGUAGES if address == "/" else LANGUAGES[:1]:
            before, after = old.ask(address, language), new.ask(address, language)
            kind, found = _differences(before, after)
            kinds[kind] += 1
            for difference in found:
                differences[difference].append(address)
            for link in sorted(_links(before) | _links(after)):
                # Combinations of queries are endless: a page with a query leads to no other query.
                if link not in known and not ("?" in link and "?" in address):
                    known.add(link)
                    waiting.append(link)
    for difference, addresses in sorted(differences.items(), key=lambda item: -len(item[1])):
        shown = addresses[:most]
        more = f" … {len(addresses) - len(shown)} more" if len(shown) < len(addresses) else ""
        print(f"{len(addresses)} × {' '.join(shown)}{more}\n{difference}\n")
    print(f"{asked} addresses: " + ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds)))
    if waiting:
        print(f"{len(waiting)} more were not asked (--limit {limit})")
    return 1 if kinds["different"] else 0


def _differences(old: Answer, new: Answer) -> tuple[str, list[str]]:
    """Return the kind of difference between two answers, and a text for each.

    The kinds are "the same", "the same but for white space" and "different".
    """
    if old == new:
        return "the same", []
    found = []
    if old.status != new.status:
        found.append(f"  - {old.status}\n  + {new.status}")
    bodies_agree = _plain(old) == _plain(new)
    # Both depend on the white space of the body.
    derived = {"content-length", "etag"} if bodies_agree and old.body != new.body else set()
    gone = [
        f"  - {name}: {value}" for name, value in old.headers if (name, value) not in new.headers
    ]
    come = [
        f"  + {name}: {value}" for name, value in new.headers if (name, value) not in old.headers
    ]
    lines = [line for line in gone + come if line[4:].partition(":")[0].lower() not in derived]
    # Without values that differ for each address, so that equal differences are counted once.
    lines = [
        f"{line[:4]}{name}: …" if name.lower() in {"content-length", "etag"} else line
        for line in lines
        for name in [line[4:].partition(":")[0]]
    ]
    if lines:
        found.append("\n".join(lines))
    if not bodies_agree:
        found += _hunks(old, new)
    return ("different" if found else "the same but for white space"), found


def _plain(answer: Answer) -> bytes | str:
    """Return the body without white space that browsers ignore."""
    if answer.media_type != "text/html":
        return answer.body
    text = answer.body.decode()
    kept = re.split(r"(<(?:pre|textarea)\b.*?</(?:pre|textarea)>)", text, flags=re.DOTALL)
    for place in range(0, len(kept), 2):
        kept[place] = _BESIDE_BLOCKS.sub(r"\1", re.sub(r"\s+", " ", kept[place]))
        kept[place] = re.sub(r" (/?>)", r"\1", kept[place])
    return "".join(kept)


def _hunks(old: Answer, new: Answer) -> list[str]:
    """Return each run of lines that differ, with one line of context before it."""
    if not (old.is_text and new.is_text):
        return [f"  {old.media_type}: other bytes"]
    before, after = (_lines(answer) for answer in (old, new))
    hunks: list[list[str]] = []
    for line in list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]:
        if line.startswith("@@"):
            hunks.append([])
        else:
            hunks[-1].append(f"  {line[0]} {line[1:200]}")
    return ["\n".join(hunk) for hunk in hunks]


def _lines(answer: Answer) -> list[str]:
    plain = _plain(answer)
    text = plain if isinstance(plain, str) else plain.decode(errors="replace")
    if answer.media_type.endswith("json"):
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1).splitlines()
    if answer.media_type == "text/html" or answer.media_type.endswith("xml"):
        return re.sub(r"(?=<)", "\n", text).splitlines()
    return text.splitlines()


def _links(answer: Answer) -> set[str]:
    """Return the addresses of this site in an answer, without fragments."""
    found = {value for name, value in answer.headers if name.lower() == "location"}
    if answer.is_text:
        text = unescape(answer.body.decode(errors="replace"))
        found.update(path or "/" for path in _ABSOLUTE.findall(text))
        if answer.media_type in {"text/html", "text/xml", "application/xml"}:
            for path, pictures in _LINK.findall(text):
                found.update([path] if path else (part.split()[0] for part in pictures.split(",")))
    addresses = set()
    for link in found:
        parts = urlsplit(link.removeprefix(SITE) or "/")
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        if not parts.netloc and address.startswith("/") and not address.startswith(SKIPPED):
            addresses.add(address)
    return addresses


def _answer(rendered: bool) -> None:
    """Answer requests from standard input with the WSGI application of this checkout.

    With `rendered`, they are answered by Django without the cache of pages.
    """
    import io
    from wsgiref.util import setup_testing_defaults

    import django
    from django.conf import settings

    # Without digests in the names of static files, a change of a style sheet changes no page.
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    if rendered:
        from django.core.wsgi import get_wsgi_application

        application: WSGIApplication = get_wsgi_application()
    else:
        django.setup()
        from trendsite.wsgi import application

    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def note(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        heads.append((status, headers))
        return lambda body: None  # WSGI's `write()`, which Django does not use

    site = urlsplit(SITE)
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        address, language = json.loads(line)
        path, _mark, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": _path_info(path),
            "QUERY_STRING": query,
            "HTTP_HOST": site.netloc,
            "HTTP_ACCEPT_LANGUAGE": language,
            "wsgi.input": io.BytesIO(),
        }
        setup_testing_defaults(environ)
        start = time.process_time()
        chunks = application(environ, note)
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        cpu_ms = 1000 * (time.process_time() - start)
        status, headers = heads[-1]
        answer = [status, headers, base64.b64encode(body).decode(), cpu_ms]
        print(json.dumps(answer), file=answers, flush=True)


def _path_info(path: str) -> str:
    """Return a path as PATH_INFO has it: unquoted, with each byte as a character."""
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("latin-1")


if __name__ == "__main__":
    sys.exit(main())
