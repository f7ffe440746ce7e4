"""What a network sees of a photograph, layer by layer."""
