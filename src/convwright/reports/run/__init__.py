"""Report on a training run: its page and its curves."""
