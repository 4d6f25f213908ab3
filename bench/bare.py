"""A minimal WSGI application, with which `bench.serving` compares the site.

The environment variables BENCH_BODY and BENCH_HEADERS name files with the body and with the headers
as JSON.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

_BODY = [Path(os.environ["BENCH_BODY"]).read_bytes()]
_HEADERS = [
    (name, value) for name, value in json.loads(Path(os.environ["BENCH_HEADERS"]).read_text())
]


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", list(_HEADERS))
    return _BODY
