"""Evidence about networks in a user's files: values, arguments and inputs, read from the text."""
