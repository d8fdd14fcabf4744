"""From a graph to a program: what is inlined, what is named, what is written in place."""
