"""Rules about pooling layers."""
