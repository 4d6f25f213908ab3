"""The benchmark of serving: what it reads of processes, and the answer that it compares with."""

import json
import os
import runpy
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from lxml import etree

from bench import serving
from bench.plot import bars
from bench.sites import get


def test_the_processor_time_of_a_process_includes_what_it_started():
    busy = "sum(range(30_000_000)); input()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    try:
        while serving._cpu_seconds(parent.pid) < 0.2:
            assert parent.poll() is None
        child_alone = [
            int(name)
            for name in os.listdir("/proc")
            if name.isdigit() and parent.pid in list(serving._with_parents(int(name)))[1:]
        ]
        assert len(child_alone) == 1
    finally:
        parent.communicate(b"\n")


def test_the_bare_application_sends_the_bytes_it_was_given(tmp_path, monkeypatch):
    (tmp_path / "body").write_bytes(b"<p>")
    (tmp_path / "headers.json").write_text(json.dumps([["etag", '"a"']]))
    monkeypatch.setenv("BENCH_BODY", str(tmp_path / "body"))
    monkeypatch.setenv("BENCH_HEADERS", str(tmp_path / "headers.json"))
    application = runpy.run_module("bench.bare")["application"]
    sent = []
    body = b"".join(application({}, lambda *answer: sent.append(answer)))
    assert (body, sent) == (b"<p>", [("200 OK", [("etag", '"a"')])])


def test_headers_of_an_answer_do_not_end_connections_of_the_benchmark():
    """urllib asks for `Connection: close`. An answer that repeats it costs a connection each."""

    class Closing(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            for name, value in (("Connection", "close"), ("ETag", '"a"'), ("Content-Length", "0")):
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Closing) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        _body, headers = get(f"http://127.0.0.1:{server.server_port}/", {})
    assert dict(headers) == {"etag": '"a"', "content-length": "0"}


def test_each_rate_is_drawn_in_proportion():
    picture = etree.fromstring(bars("A & B", [("bare <WSGI>", 1000.0), ("kept", 500.0)]))
    ns = {"svg": "http://www.w3.org/2000/svg"}
    first, second = (float(bar.get("width")) for bar in picture.iterfind("svg:rect", ns))
    assert first == 2 * second
    texts = [text.text for text in picture.iterfind("svg:text", ns)]
    assert texts == ["A & B", "bare <WSGI>", "1,000", "kept", "500"]
