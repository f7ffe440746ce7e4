"""Rules about sizes that do not fit, or fit by luck."""
