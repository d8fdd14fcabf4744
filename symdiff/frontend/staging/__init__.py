"""Staging: a user's function rewritten once, so that a trace sees its branches and loops."""
