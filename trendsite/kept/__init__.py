"""Pages that were rendered once and are kept, for as long as what they show stays the same.

A page follows from the answers of its queries, the day and the release. So the store keeps, with
its bytes, each query that was made while it was rendered and a digest of the answer; triggers of
the database count what changes. See docs/decisions/0015.
"""
