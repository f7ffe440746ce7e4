"""Rules about what the network ends with, and the loss."""
