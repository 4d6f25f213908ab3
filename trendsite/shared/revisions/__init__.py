"""Versions of rows: they are stored with each write, and can be compared and restored.

- `models` is the table, `kinds` the interface to each model that has versions
- `storing` stores versions with each write
- `layout` describes documents; `differences` and `wording` compare, `merging` merges them
- `restored_parts` takes a part of a version over
- `version_pages` and `shown` are the pages of the admin, `overwriting` is for loads of files
"""
