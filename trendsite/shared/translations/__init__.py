"""Which texts are missing in a language, and which translations an editor has yet to look at.

`models` has the table, `tracking` fills it as rows are saved, `states` tells of the texts of a
row, `conditions` asks the same of the database.
"""
