"""Property tests of the analysis: no deadline, since torch loads kernels on first use."""

from hypothesis import settings

settings.register_profile("analysis", deadline=None, max_examples=150, derandomize=True)
settings.load_profile("analysis")
