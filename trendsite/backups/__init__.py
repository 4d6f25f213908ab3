"""Backups: all rows and media of a site in one file, which SQLite and PostgreSQL can restore.

- `tables` reads and writes tables as lines of JSON
- `archive` writes, reads and checks the file
- `making` makes a backup, while editors work
- `restoring` replaces the content of a site by that of a backup
"""
