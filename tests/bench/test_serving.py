"""The benchmark of serving: what it reads of processes, and the answer that it compares with."""

import json
import os
import runpy
import subprocess
import sys

from lxml import etree

from bench import serving
from bench.plot import bars


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


def test_each_rate_is_drawn_in_proportion():
    picture = etree.fromstring(bars("A & B", [("bare <WSGI>", 1000.0), ("kept", 500.0)]))
    ns = {"svg": "http://www.w3.org/2000/svg"}
    first, second = (float(bar.get("width")) for bar in picture.iterfind("svg:rect", ns))
    assert first == 2 * second
    texts = [text.text for text in picture.iterfind("svg:text", ns)]
    assert texts == ["A & B", "bare <WSGI>", "1,000", "kept", "500"]
