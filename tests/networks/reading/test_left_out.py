"""What was left out, and the errors for want of it."""

import pytest

from convwright.networks.reading.left_out import LeftOut, ModuleReading, explain, keep_reading, reading_of

ENTRY = LeftOut(file="net.py", line=3, text="args = input()", reason="asks for input")


@pytest.fixture
def namespace():
    found = {}
    keep_reading(found, ModuleReading(file="net.py", functions={}, names={"args": ENTRY}))
    return found


def test_it_can_be_written():
    assert str(ENTRY) == "net.py:3: args = input() (asks for input)"
    assert ENTRY.to_dict() == {"file": "net.py", "line": 3, "text": "args = input()", "reason": "asks for input"}


def test_a_reading_is_kept_in_its_module(namespace):
    assert reading_of(namespace).names == {"args": ENTRY}
    assert reading_of({}) is None


@pytest.mark.parametrize(("text", "is_explained"), [("args.width", True), ("other", False), ("1 / 0", False)])
def test_an_error_for_want_of_a_name_that_was_left_out(namespace, text, is_explained):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of any kind
        exec(text, namespace)
    explained = explain(caught.value)
    assert (explained is not None) == is_explained
    if is_explained:
        assert "'args = input()' (net.py:3), left out because it asks for input; --import" in str(explained)
