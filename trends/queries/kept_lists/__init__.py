"""Kept order and counts of lists of trends, so that a page takes as long at any size.

Triggers note which trends were written (`unlisting`). At the end of each write the rows of these
trends are updated (`renewal`). While there are notes, as after SQL by hand, or while a new day has
changed a trend, `are_kept()` is false, and lists are computed without the kept tables. See decision
34.
"""
