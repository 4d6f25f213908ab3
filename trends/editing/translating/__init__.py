"""Translating: a trend in two languages side by side, and files for translation tools.

- `trend_texts` lists the texts of a trend in the order of its page
- `saving` saves translations of them
- `side_by_side`, `glossary` and `translating_admin` are the page with two languages
- `exchange` writes and reads files
"""
