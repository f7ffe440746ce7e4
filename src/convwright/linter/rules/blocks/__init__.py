"""Rules about shortcuts, bottlenecks and the parts of a block."""
