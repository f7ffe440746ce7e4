"""A format knows which of its packages are not installed."""

from dataclasses import replace

from convwright.transfer_learning.formats import formats


def test_missing_packages_are_named():
    kind = replace(formats()["torch-export"], packages=("json", "no_such_package"))
    assert kind.missing == ("no_such_package",)
    assert replace(kind, packages=("json",)).missing == ()
