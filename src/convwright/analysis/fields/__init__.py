"""The algebra under the receptive field pass: intervals, the taps each op reads, and one rule per kind of op."""
