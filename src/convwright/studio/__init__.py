"""The local web app: it calls what the command line calls, and computes nothing of its own."""
