"""Readers' pages: one module for each page, with its form, its data and its view.

The template of `<name>.py` is `templates/pages/<name>.html`.
"""
