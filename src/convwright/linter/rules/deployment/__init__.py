"""Rules about where the network will run."""
