"""The threads of a worker: one of them takes all requests while answers are quick (decision 53)."""

import time
from collections.abc import Callable
from threading import get_ident
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from granian.wsgi import _callback_wrapper

REST = 0.03
"""For how many seconds a thread rests while another one takes requests."""

# Any: granian's object for the answer, and its options.
Callback = Callable[[Any, WSGIEnvironment], None]


def resting_callback(application: WSGIApplication, *options: Any) -> Callback:
    """Return what a thread of granian calls for each request, and rests in after its answer.

    Has the arguments of `granian.wsgi._callback_wrapper`, whose place it takes.
    """
    answer = _callback_wrapper(application, *options)
    leader, answered = 0, 0.0

    def answer_and_rest(protocol: Any, environ: WSGIEnvironment) -> None:
        nonlocal leader, answered
        answer(protocol, environ)
        thread, now = get_ident(), time.monotonic()
        # A leader that has not answered for so long is busy, or has ended.
        if thread == leader or now - answered > REST:
            leader, answered = thread, now
        else:
            time.sleep(REST)

    return answer_and_rest
