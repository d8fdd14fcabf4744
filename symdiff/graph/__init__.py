"""Graphs: the Wengert list as plain data."""
