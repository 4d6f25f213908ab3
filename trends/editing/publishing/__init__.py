"""From a draft to readers: working versions, review, the checklist, publication at its time.

`copies` makes and reads the rows of a working version, `publication` is what editors do with
drafts and working versions, `merging` brings together two changes of one text, `schedule` publishes
what is due, `checklist` finds what a trend lacks, `roles` says who may do what, and `pages` has the
pages of the admin.
"""
