"""Working versions, review, the checklist, and publication, also at a scheduled time.

- `publication` has what editors do with drafts and working versions: begin, publish, schedule …
- `copies` copies the rows of a trend for its working version
- `chosen_languages` and `present_names` prepare the document that is published
- `schedule` publishes what is due, `checklist` finds what a trend lacks
- `roles` makes the groups of users
- `publishing_admin`, `publishing_page` and `working_form` are the pages and forms of the admin
"""
