"""Backups: the whole state of a site in one file, and back, between databases of any kind.

- `tables` reads and writes tables as lines of JSON
- `archive` is the file: its list of contents, its digests, and the check of both
- `making` makes one, while editors work
- `restoring` puts one in the place of what a site holds
"""
