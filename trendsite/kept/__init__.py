"""A cache of rendered pages, in memory and in the database, that is exact without invalidation.

A page depends on the results of its queries, the day and the release. The store keeps, beside the
bytes of a page, each query that was made while it was rendered and a digest of the result. Database
triggers count changes, so that only queries of changed tables are run again. See decision 15.

- `front` is the WSGI application in front of Django, `store` the cache in memory
- `page_table` is the cache in the database, shared by all processes
- `recording` records queries, `triggers` count changes, `change_listener` hears of them
- `renewals` and `purges` act after a change, `crawling` and `site_files` export the whole site
"""
