"""What every page lives on: its frame, how it is kept up to date, uploads, the worker thread, the server."""
