"""Check whether links still work: an address at a time, in bounded time, with pauses by host."""

import datetime
import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError
from django.utils import timezone

from quotes.links.link_queries import LINKED, addresses, addresses_in_texts
from quotes.links.models import CheckedLink, LinkState
from quotes.platforms import oembed_address, read_video_address
from trendsite.shared.fetch_errors import FetchError, Problem
from trendsite.shared.fetching import Answer, fetch
from trendsite.shared.web_addresses import archived_page, comparable

_PURPOSE = "link check"
_SECONDS = 20
_AT_ONCE = 500
_GONE = (404, 410)
_BROKEN = range(500, 600)
_ASKED_TOO_OFTEN = (429, 503)
# If none of the first so many addresses answers, this machine may have no connection.
_SILENT_LINKS = 5
_ARCHIVE = "archive.org"
_MOST_BYTES_OF_ARCHIVE = 64 * 1024


class NoAnswerError(Exception):
    """No site answered at all, so the check says nothing about any link."""


@dataclass
class CheckRun:
    """The result of a run: the number of addresses by state, and how many are left."""

    states: Counter[str] = field(default_factory=Counter)
    left: int = 0


def note_addresses() -> None:
    """Add the addresses that are not in the table yet, and delete those nothing has any more."""
    for model in LINKED:
        known = CheckedLink.objects.values("address")
        unknown = addresses(model).exclude(link_address__in=known)
        new = iter(unknown.distinct().order_by("link_address"))
        while some := list(islice(new, _AT_ONCE)):
            links = [CheckedLink(address=address) for address in some]
            CheckedLink.objects.bulk_create(links, ignore_conflicts=True)
    in_texts = addresses_in_texts()
    unused = CheckedLink.objects.all()
    for model in LINKED:
        unused = unused.exclude(address__in=addresses(model))
    rows = list(unused.values_list("pk", "address"))
    gone = (pk for pk, address in rows if address not in in_texts)
    while pks := list(islice(gone, _AT_ONCE)):
        CheckedLink.objects.filter(pk__in=pks).delete()
    in_texts.difference_update(CheckedLink.objects.values_list("address", flat=True))
    more = iter(sorted(in_texts))
    while some := list(islice(more, _AT_ONCE)):
        links = [CheckedLink(address=address) for address in some]
        CheckedLink.objects.bulk_create(links, ignore_conflicts=True)


def check_links(
    *,
    most: int,
    seconds: float,
    days: int,
    pause: float,
    with_archive: bool,
    tell: Callable[[CheckedLink], None],
) -> CheckRun:
    """Check the addresses that were checked longest ago, and save each result at once.

    The run ends after `most` addresses or `seconds`. It leaves out the addresses that were checked
    within the last `days`; those that did not answer are due again after a day. `pause` is the
    number of seconds between two requests to a host. `with_archive` also looks for copies of dead
    pages in the Internet Archive. `tell` is called with each link after it was saved.

    A run that is killed loses only the address that it was checking; that is due again after ten
    minutes. If several runs work at the same time, each address is checked by one of them. Raises
    NoAnswerError where no site answers, and then saves nothing.
    """
    note_addresses()
    now = timezone.now()
    again = now - datetime.timedelta(days=min(days, 1))
    due = CheckedLink.objects.due(now - datetime.timedelta(days=days), again)
    run, hosts = CheckRun(), _Hosts(pause)
    ends = time.monotonic() + seconds
    withheld: list[CheckedLink] = []  # until it is known that this machine has a connection
    is_online = False

    def save() -> None:
        if withheld and not (is_online or _is_online(hosts)):
            taken = CheckedLink.objects.filter(pk__in=[link.pk for link in withheld])
            taken.update(asked_at=None)
            raise NoAnswerError
        while withheld:
            link = withheld.pop(0)
            link.asked_at = None
            link.save()
            run.states[link.state] += 1
            tell(link)

    for link in _alternating(due[:most]):
        if time.monotonic() >= ends:
            break
        if hosts.is_left_alone(_oembed_of(link.address) or link.address):
            continue
        if not link.take():
            continue
        is_online = _check(link, hosts, with_archive) or is_online
        withheld.append(link)
        if is_online or len(withheld) >= _SILENT_LINKS:
            save()
            is_online = True
    save()
    run.left = due.count()
    return run


def _check(link: CheckedLink, hosts: "_Hosts", with_archive: bool) -> bool:
    """Request a link and set its state, without saving. Return whether a server answered."""
    try:
        answer = _ask(link.address, hosts)
    except FetchError as error:
        link.checked_at = timezone.now()
        if error.problem == Problem.REDIRECTS:  # some sites redirect clients without cookies so
            link.found(LinkState.REFUSED)
        else:
            link.failed(error.problem)
        is_answered = error.problem in (Problem.REDIRECTS, Problem.ADDRESS, Problem.CERTIFICATE)
    else:
        link.checked_at = timezone.now()
        _note(link, answer)
        is_answered = True
    if with_archive and link.state == LinkState.GONE and not link.archived_copy:
        link.archived_copy = _copy_of(link.address, hosts)
    return is_answered


def _is_online(hosts: "_Hosts") -> bool:
    """Return whether one of the three addresses that answered last still answers. One query."""
    for link in CheckedLink.objects.filter(status__isnull=False).order_by("-checked_at", "pk")[:3]:
        try:
            _ask(link.address, hosts)
        except FetchError:
            continue
        return True
    return False


def _note(link: CheckedLink, answer: Answer) -> None:
    is_elsewhere = answer.moved_to and comparable(answer.moved_to) != comparable(link.address)
    if answer.is_ok and is_elsewhere:
        link.found(LinkState.MOVED, answer.status, answer.moved_to)
    elif answer.is_ok:
        link.found(LinkState.ALIVE, answer.status)
    elif answer.status in _GONE:
        link.found(LinkState.GONE, answer.status)
    elif answer.status in _BROKEN:
        link.failed(status=answer.status)
    else:
        link.found(LinkState.REFUSED, answer.status)


def _ask(address: str, hosts: "_Hosts") -> Answer:
    """Return the answer to HEAD or, as many servers do not know that, to GET, without its body.

    For a video, requests the platform's oEmbed address: the page of a deleted video still answers.
    """
    if video := _oembed_of(address):
        return Answer(hosts.ask(video).status, address)
    try:
        answer = hosts.ask(address, method="HEAD")
        if answer.is_ok or answer.status in _ASKED_TOO_OFTEN:
            return answer
    except FetchError as error:
        if error.problem in (Problem.NAME, Problem.PRIVATE, Problem.ADDRESS):
            raise
    return hosts.ask(address)


def _oembed_of(address: str) -> str:
    try:
        video = read_video_address(address)
    except ValidationError:
        return ""
    return oembed_address(video.platform, video.video_id)


def _copy_of(address: str, hosts: "_Hosts") -> str:
    """Return the address of a copy in the Internet Archive; empty where none is known."""
    question = f"https://{_ARCHIVE}/wayback/available?url={quote(address, safe='')}"
    if archived_page(address) or hosts.is_left_alone(question):
        return ""
    try:
        answer = hosts.ask(question, most_bytes=_MOST_BYTES_OF_ARCHIVE, hosts=(_ARCHIVE,))
        copy = json.loads(answer.body)["archived_snapshots"]["closest"]["url"]
    except (FetchError, ValueError, LookupError, TypeError):
        return ""
    copy = str(copy).replace("http://", "https://", 1)
    return copy if archived_page(copy) else ""


class _Hosts:
    """The time of the next request to each host, and the hosts to request nothing more from."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._next: dict[str, float] = {}
        self._left_alone: set[str] = set()

    # Any: what fetch() takes.
    def ask(self, address: str, **options: Any) -> Answer:
        """Wait for the end of the host's pause, then request the address, and return the answer.

        After an answer of 429 or 503, `is_left_alone()` is true of the host. Raises FetchError.
        """
        host = _host(address)
        time.sleep(max(0.0, self._next.get(host, 0.0) - time.monotonic()))
        try:
            answer = fetch(address, purpose=_PURPOSE, seconds=_SECONDS, **options)
        finally:
            self._next[host] = time.monotonic() + self._pause
        if answer.status in _ASKED_TOO_OFTEN:
            self._left_alone.add(host)
        return answer

    def is_left_alone(self, address: str) -> bool:
        return _host(address) in self._left_alone


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _alternating(links: Iterable[CheckedLink]) -> Iterator[CheckedLink]:
    """Yield links of different hosts in turn: one host is requested during another's pause."""
    by_host: defaultdict[str, deque[CheckedLink]] = defaultdict(deque)
    for link in links:
        by_host[_host(link.address)].append(link)
    while by_host:
        for host in list(by_host):
            yield by_host[host].popleft()
            if not by_host[host]:
                del by_host[host]
