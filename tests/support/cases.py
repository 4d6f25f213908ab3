"""How many cases Hypothesis tries: few in `make test`, four times as many in CI."""

import os

CASES = int(os.environ.get("FUZZ_CASES", "500"))


def cases(number: int) -> int:
    """Return `number`, or as many times more as FUZZ_CASES is more than 500."""
    return max(number, round(number * CASES / 500))
