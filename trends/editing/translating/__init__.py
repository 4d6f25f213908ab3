"""What translators do: a trend in two languages side by side, and files for their tools.

`trend_texts` lists the texts of a trend in the order of its page, `saving` saves translations of
any of them, `side_by_side` and `translating_admin` are the page; `exchange` writes and reads the
files.
"""
