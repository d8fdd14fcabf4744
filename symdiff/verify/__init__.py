"""Verification: derivatives against references from outside."""
