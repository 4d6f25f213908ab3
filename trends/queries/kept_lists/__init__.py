"""Kept order and counts of lists of trends, so that a page takes as long at any size.

Triggers note which trends were written (`unlisting`). At the end of each write the rows of these
trends are updated (`renewal`). What SQL by hand or a new day has changed is updated before the next
request is answered (`trends.editing.publishing.schedule`). See decisions 34 and 54.
"""
