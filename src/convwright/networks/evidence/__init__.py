"""What a user's files say about their networks: values, arguments and inputs, read from the text."""
