"""Kept order and counts of lists of trends, so that a page takes as long at any size.

- `unlisting` has the triggers that note which trends were written
- `renewal` updates the rows of these at the end of each write, with `listed_parts` for changes and
  forecasts, and `listed_mentions`
- `counts`, `kept_trends` and `kept_forecasts` read them

What SQL by hand or a new day has changed is updated before the next request is answered
(`trends.editing.publishing.schedule`). See decisions 34 and 54.
"""
