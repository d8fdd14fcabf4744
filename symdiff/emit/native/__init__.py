"""Compiled modules: C built with the compiler that is there, and called from Python."""
