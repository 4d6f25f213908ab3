"""Base classes of all admins, and the admin of tags.

Django finds this package by its name.
"""

from trendsite.shared.admin import tag_admin  # noqa: F401
