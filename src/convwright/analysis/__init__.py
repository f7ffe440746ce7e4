"""Facts about a traced network, one pass a file."""
