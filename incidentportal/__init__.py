"""Incident Portal: one form, one page, once. The version is that of the newest heading in CHANGELOG.md."""

__version__ = "0.1.0"
