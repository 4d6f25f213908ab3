"""Full-text search: what is indexed, how it follows the rows, and what a reader finds."""
