"""A user's files, read before they are run: what defines something runs, and what does work does not."""
