"""The states of translations: texts missing in a language, and stale translations.

- `models` is the table of states, which `tracking` fills as rows are saved
- `states` determines the states of the texts of a row, `conditions` the same in queries
- `lists` and `form_marks` show them in lists and forms of the admin
- `kept_states` stores them in versions of rows
"""
