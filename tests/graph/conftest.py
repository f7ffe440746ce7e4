"""Property tests of the tracer: no deadline, since torch loads kernels on first use."""

from hypothesis import settings

settings.register_profile("torch", deadline=None, max_examples=80)
settings.load_profile("torch")
