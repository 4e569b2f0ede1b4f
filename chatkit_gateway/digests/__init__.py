"""Digests: the audit sealed in ranges, so that nobody can rewrite it unnoticed.

Each digest holds the hash of every row of a range, the hash of the digest before it, and a
signature made with the site's key. docs/trust.md says what that proves and what it does not.
"""
