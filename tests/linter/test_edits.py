"""Edits are values: two that say the same are one."""

from convwright.linter.edits import Delete, Replace, SetArguments, Swap


def test_the_same_edit_said_twice():
    assert SetArguments(path="a", values={"bias": False}) == SetArguments(path="a", values={"bias": False})
    different = [Replace(path="a", code="{old}"), Swap(path="a", other="b"), Delete(path="a"), Delete(path="b")]
    assert all(one != other for at, one in enumerate(different) for other in different[:at])
