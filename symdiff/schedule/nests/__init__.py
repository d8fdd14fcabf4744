"""Loop nests: programs of numbers and buffers, for targets that write loops themselves."""
