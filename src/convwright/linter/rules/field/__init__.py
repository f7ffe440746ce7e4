"""Rules about what the network sees, and how it downsamples."""
