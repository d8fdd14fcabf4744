"""Neighbours of the compiler: thin layers over other libraries."""
