"""Statements that a test allows or forbids."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NoReturn

import pytest
from django.db import connection


@contextmanager
def no_queries() -> Iterator[None]:
    """Fail the test at the first query that is run within the block."""

    def refuse(execute: Any, sql: str, *args: Any) -> NoReturn:
        pytest.fail(f"A query where none is allowed: {sql[:300]}")

    with connection.execute_wrapper(refuse):
        yield


@contextmanager
def no_queries_while_rendering(monkeypatch: pytest.MonkeyPatch, module: str) -> Iterator[None]:
    """Fail the test at the first query that the template of a page's module runs."""
    rendered = []

    def render(*args: Any) -> Any:
        with no_queries():
            rendered.append(args)
            return original(*args)

    with monkeypatch.context() as patch:
        patched = import_module(module)
        original = patched.render_page
        patch.setattr(patched, "render_page", render)
        yield
    assert rendered, "nothing was rendered"
