"""Spellings: how each target writes each operation, one table a target."""
