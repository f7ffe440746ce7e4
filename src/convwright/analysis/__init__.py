"""Facts of a traced network: one pass a file, `Graph` in, facts out."""
