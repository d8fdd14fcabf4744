"""LaTeX in: a corpus, what printers print, and what is refused."""
