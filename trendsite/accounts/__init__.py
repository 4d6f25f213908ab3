"""Accounts of editors: sessions, second factors, and the audit list."""
