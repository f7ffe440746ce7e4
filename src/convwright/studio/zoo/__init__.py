"""The table of all models, filtered by a budget."""
