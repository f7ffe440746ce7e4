"""The receptive field of a network over a photograph, layer by layer."""
