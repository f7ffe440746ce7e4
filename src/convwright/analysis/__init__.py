"""What a traced network is: one pass a file, Graph in, facts out."""
