"""Base classes of all admins, and the admin of tags, which Django finds here."""

from trendsite.shared.admin import editors  # noqa: F401
