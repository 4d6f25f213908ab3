"""Trends for programs: JSON, Markdown, feeds, site maps, structured data, card images."""
