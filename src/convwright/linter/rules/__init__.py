"""One rule a file, in a folder for each topic; the folder is the list."""
