"""Why a request to another site failed.

This is not in `trendsite.shared.fetching` since that loads urllib3, some megabytes, which processes
that only show the results of link checks do not need.
"""

from enum import StrEnum


class Problem(StrEnum):
    """The reason why a request failed."""

    NAME = "name"  # the name of the host does not resolve
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    PRIVATE = "private"  # an address of this machine or its network
    REDIRECTS = "redirects"
    ADDRESS = "address"  # neither http nor https, or a host that is not allowed
    SIZE = "size"


class FetchError(Exception):
    """A request failed; `problem` is the reason."""

    def __init__(self, problem: Problem, detail: object = "") -> None:
        super().__init__(f"{problem}: {detail}" if detail else str(problem))
        self.problem = problem
