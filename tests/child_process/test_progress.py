"""Steps, said and heard."""

from convwright.child_process.progress import announce, heard_by


def test_steps_are_heard_by_the_nearest_listener():
    outer, inner = [], []
    announce("nobody hears it")
    with heard_by(lambda step: outer.append(step.text)):
        announce("1")
        with heard_by(lambda step: inner.append((step.text, step.is_limited))):
            announce("2", is_limited=False)
        announce("3")
    assert (outer, inner) == (["1", "3"], [("2", False)])
