"""Sources of data sets: the layouts in which they are stored, each in a file, and data sets that have a name."""
