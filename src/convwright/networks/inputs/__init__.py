"""The input of a network: declared, given, or found by tracing the network with one candidate after another."""
