"""Runs the command line: `python -m symdiff`."""

from symdiff.commands import main

if __name__ == "__main__":
    main()
