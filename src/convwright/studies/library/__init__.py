"""The studies: one a file, found by themselves."""
