"""The blocks of memory in which Python keeps its calls, counted by the pages that are mapped."""

import resource
from threading import Thread

from django.http import HttpResponse

from trendsite.middleware import IsolationMiddleware
from trendsite.shared.call_stack import roomy

CALLS = 1000


def call() -> None:
    """Need more memory than a call of `mapped_pages`, by names that are never given a value."""
    if CALLS < 0:
        a = b = c = d = e = f = g = h = i = j = k = l = m = n = o = p = 1  # noqa: E741
        print(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)


def mapped_pages(depth: int) -> int:
    """Return how many pages of memory a thousand calls have mapped at this depth."""
    if depth:
        return mapped_pages(depth - 1)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for _ in range(CALLS):
        call()
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def most_mapped_pages() -> int:
    return max(mapped_pages(depth) for depth in range(400))


def in_a_thread(function) -> int:
    found = []
    thread = Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_calls_within_a_roomy_function_map_no_memory():
    @roomy
    def measured() -> int:
        return most_mapped_pages()

    assert in_a_thread(measured) < CALLS / 10
    # Once this fails, Python does it by itself.
    assert in_a_thread(most_mapped_pages) >= CALLS


def test_requests_are_answered_by_a_roomy_function(rf):
    middleware = IsolationMiddleware(lambda request: HttpResponse(str(most_mapped_pages())))
    pages = in_a_thread(lambda: int(middleware(rf.get("/")).content))
    assert pages < CALLS / 10
