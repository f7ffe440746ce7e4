"""The mechanism of every page: frame, live updates, uploads, worker thread, server."""
