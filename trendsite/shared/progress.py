"""A progress bar for commands."""

import time

from django.core.management.base import OutputWrapper

_WIDTH = 30


class Progress:
    """A progress bar in one line of a terminal. Writes nothing if the stream is not a terminal."""

    def __init__(self, stream: OutputWrapper, what: str) -> None:
        self._stream = stream
        self._what = what
        self._is_shown = stream.isatty()
        self._began = time.monotonic()
        self._drawn = 0.0

    def tell(self, done: int, total: int) -> None:
        """Draw the bar for `done` of `total`, at most ten times a second."""
        now = time.monotonic()
        if not self._is_shown or not total or (now - self._drawn < 0.1 and done < total):
            return
        self._drawn = now
        bar = "█" * (_WIDTH * done // total)
        rate = done / max(now - self._began, 0.001)
        self._write(f"{self._what} {bar:░<{_WIDTH}} {done}/{total} ({rate:.0f}/s)")

    def end(self) -> None:
        """Remove the bar, so that other lines can be written."""
        if self._is_shown:
            self._write("")

    def _write(self, text: str) -> None:
        # Carriage return, the text, clear to the end of the line. `str` avoids the red of errors.
        self._stream.write(f"\r{text}\x1b[K", style_func=str, ending="")
        self._stream.flush()
