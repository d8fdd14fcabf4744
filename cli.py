"""Runs the command line from a checkout."""

from symdiff.commands import main

if __name__ == "__main__":
    main()
