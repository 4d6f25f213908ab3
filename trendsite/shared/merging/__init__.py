"""Merging a submitted form with what another editor saved after the form was opened.

- `three_way` compares what the form began with, what was submitted and what is saved now
- `form_states` converts forms to such states, and a merged state to a request
- `held_requests` merges the requests of the admin
- `clashes` describes what both editors changed

In names, “mine” is what was submitted and “theirs” what is saved.
"""
