"""Textbook programs in plain NumPy, as their authors write them, and what is asked of each.

A file holds one program, the function of the file's name, with its helpers. Behind it stand

- `EXAMPLES`: its arguments, a point or more on each way that it can take;
- `RAISES`: arguments that it refuses with an error of its own;
- `STEP`: the largest step of differences, where the program's own steps are finer than usual.
"""
