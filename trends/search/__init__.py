"""Full-text search: the index, how it is kept up to date, and the results.

- `documents` builds the documents of the index, which `models` stores and `index` updates
- `terms` and `folding` turn texts and queries into words
- `matches` finds and scores trends, `hits` and `passages` build what readers see
- `spelling` finds suggestions, and `results` puts everything together
"""
