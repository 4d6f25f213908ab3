"""Which texts are missing in a language, and which translations are stale.

- `models` is the table of states, which `tracking` fills as rows are saved
- `states` determines the states of the texts of a row, `conditions` the same in queries
- `lists` and `form_marks` show them in lists and forms of the admin
- `kept_states` stores them in versions of rows
"""
