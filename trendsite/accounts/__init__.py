"""Accounts of editors: sessions, second factors, and what happened to logins."""
