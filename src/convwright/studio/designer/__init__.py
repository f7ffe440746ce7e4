"""The designer: a model, its knobs, and the facts and findings of the network."""
