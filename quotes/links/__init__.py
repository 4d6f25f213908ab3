"""Do the links of sources, experts and videos still lead somewhere? Asked by `check_links` alone.

Results belong to addresses, not to rows: an address that an editor replaces takes its result with
it, and one that several rows have is asked once.
"""
