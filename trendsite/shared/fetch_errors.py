"""Why a request to another site had no answer.

Apart from `trendsite.shared.fetching`, which loads urllib3: some megabytes in every process that
only knows what a check of links has found.
"""

from enum import StrEnum


class Problem(StrEnum):
    """Why a request had no answer."""

    NAME = "name"  # the host has no address
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    PRIVATE = "private"  # an address of this machine or its network
    REDIRECTS = "redirects"
    ADDRESS = "address"  # no address of http or https, or a host that was not allowed
    SIZE = "size"


class FetchError(Exception):
    """A request that had no answer, or not one that was asked for."""

    def __init__(self, problem: Problem, detail: object = "") -> None:
        super().__init__(f"{problem}: {detail}" if detail else str(problem))
        self.problem = problem
