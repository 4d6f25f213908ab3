"""Trends for programs: JSON, Markdown, feeds, sitemaps, structured data, card images."""
