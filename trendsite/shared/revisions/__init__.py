"""Versions of what editors write: stored with each write, compared, and brought back.

`models` has the table, `kinds` what the site says of each model that has versions, `storing` the
receivers of the door for writes, `differences` the comparison of two versions, `history` the pages
of the admin.
"""
