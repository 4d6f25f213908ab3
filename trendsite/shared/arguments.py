"""Types of the arguments of commands, which refuse what `int`, `float` and `Path` let pass."""

from argparse import ArgumentTypeError
from pathlib import Path


def named_path(text: str) -> Path:
    """Return a path. An empty text would be the working directory."""
    if not text.strip():
        raise ArgumentTypeError("write a path")
    return Path(text)


def count(text: str) -> int:
    """Return a whole number of 0 or more."""
    number = int(text)
    if number < 0:
        raise ArgumentTypeError("write 0 or more")
    return number


def amount(text: str) -> float:
    """Return a number of 0 or more."""
    number = float(text)
    if not number >= 0:  # nan, too
        raise ArgumentTypeError("write 0 or more")
    return number
