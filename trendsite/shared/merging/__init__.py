"""A form that was opened before somebody else saved is merged with what they saved.

`three_way` compares what the form began with, what was sent and what is saved now. `form_states`
makes its values of forms, and a request of its result. `held_requests` does so for the admin, and
`clashes` shows what both changed.
"""
