"""Room for the calls within a function, which CPython would map and unmap for each of them.

CPython 3.11 and later keeps what its calls need in blocks of 16 KB. The call that does not fit has
the system map another block, which is given back as soon as that call returns. A loop at such a
depth maps a block each time round. Django's calls are so deep that each request meets it.
"""

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar, cast

_ROOM = 2**16
"""Pointers, 0.5 MB: a thousand calls within each other, the most that Python allows, need less."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def roomy(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return the function, changed so that all calls within it share one block of memory.

    It pretends to need so much that its block is larger than those of 16 KB. The size is rounded up
    to a power of two, and the calls within it have the rest. Memory that none of them uses is
    mapped, but not taken.
    """
    changed = cast(FunctionType, function)
    changed.__code__ = changed.__code__.replace(co_stacksize=_ROOM)
    return function
