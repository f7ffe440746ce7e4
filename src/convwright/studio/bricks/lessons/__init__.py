"""The lessons on convolution and pooling, one a file."""
