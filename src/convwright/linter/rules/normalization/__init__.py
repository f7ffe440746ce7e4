"""Rules about normalization, activation and initialization."""
