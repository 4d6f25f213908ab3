"""Checks of the links of sources, experts and videos, which the command `check_links` makes.

Results are stored by address, not by row. When an editor replaces an address, its result goes with
it, and an address that several rows have is requested once.
"""
