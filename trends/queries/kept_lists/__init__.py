"""Lists of trends whose order and counts are kept, so that a page costs the same at any size.

Triggers note which trends were written (`unlisting`); at the end of each write these are listed
anew (`renewal`). Until then, as after SQL by hand, and on a day on which a trend is published or
retired, `are_kept()` is false, and lists are computed as they would be without. See
docs/decisions/0034.
"""
