"""Modules run for their definitions."""

import ast
import atexit
import textwrap

import pytest
from torch import nn

from convwright.networks.reading.definition_runner import DefinitionRunner
from convwright.networks.reading.stand_in import StandIn, StandInModule


def run(text):
    text = textwrap.dedent(text)
    namespace, left_out = {"__name__": "wild", "__package__": ""}, []
    runner = DefinitionRunner(
        ast.parse(text), file="wild.py", lines=text.splitlines(), namespace=namespace, note=left_out.append
    )
    runner.run()
    return namespace, [(each.line, each.reason) for each in left_out]


def test_branches_run_by_their_test():
    namespace, left_out = run(
        """
        if __name__ == "__main__":
            x = 1
        elif len("ab") == 2:
            x = 2
            print(x)
        if input("more? "):
            y = 3
        """
    )
    assert namespace["x"] == 2
    assert "y" not in namespace
    assert left_out == [(6, "prints"), (7, "asks for input")]


def test_handlers_run():
    namespace, left_out = run(
        """
        try:
            import wild_missing_lib as lib
        except ImportError as error:
            lib = str(error)
        else:
            lib = 3
        finally:
            done = True
        try:
            from wild_missing_lib import net
        except ModuleNotFoundError:
            raise
        """
    )
    assert "No module named 'wild_missing_lib'" in namespace["lib"]
    assert namespace["done"]
    assert isinstance(namespace["net"], StandIn)
    assert "error" not in namespace
    assert left_out == [(11, "imports wild_missing_lib, which is missing")]


def test_a_definition_that_raises_is_left_out_unless_it_is_handled():
    namespace, left_out = run(
        """
        from wild_missing_lib import net
        x = 1 / (2 - 2)
        try:
            y = 1 / (2 - 2)
            z = 1
        except ZeroDivisionError:
            y = 3
        try:
            try:
                z = {"a": 1}["b"]
            except ValueError:
                z = 4
        except KeyError:
            z = 5
        try:
            1 / (2 - 2)
        except KeyError:
            x = 6
        if {}["a"]:
            x = 7
        class A:
            b = [][0]
        from collections import nothing_of_this_name
        done = True
        """
    )
    assert (namespace["y"], namespace["z"], namespace["done"]) == (3, 5, True)
    assert not {"x", "A"} & namespace.keys()
    reasons = dict(left_out)
    assert reasons[3] == reasons[16] == "raises ZeroDivisionError: division by zero"
    assert (reasons[20], reasons[22]) == ("raises KeyError: 'a'", "raises IndexError: list index out of range")
    assert set(reasons) == {2, 3, 16, 20, 22, 24}


def test_devices_are_taken_off():
    namespace, left_out = run("from torch import nn\nnet = nn.Identity().eval().cuda().to('cuda:0')\n")
    assert isinstance(namespace["net"], nn.Identity)
    assert not namespace["net"].training
    assert [line for line, _ in left_out] == [2, 2]


def test_a_class_is_rid_of_its_work_and_of_bases_that_are_missing():
    namespace, left_out = run(
        """
        import wild_missing_lib as lib
        from torch import nn
        args = input()
        class Net(lib.Module, lib.Other, metaclass=lib.Meta):
            data = open("a")
            width = 3
            @lib.cached
            def forward(self, x):
                return x
        class Both(nn.Identity, lib.Mixin):
            pass
        class Lost(nn.Module):
            def __init__(self, width=args.width):
                super().__init__()
        """
    )
    assert issubclass(namespace["Net"], StandInModule)
    assert namespace["Net"].width == 3
    assert namespace["Net"]().forward(4) == 4
    assert namespace["Both"].__bases__ == (nn.Identity,)
    assert "Lost" not in namespace
    assert left_out[1:] == [
        (4, "asks for input"),
        (6, "opens a file"),
        (13, "needs args, which line 4 was to define"),
    ]


def test_nothing_is_left_for_the_end_of_the_process(monkeypatch):
    monkeypatch.setattr(atexit, "register", lambda function: pytest.fail(f"{function} is registered"))
    namespace, _ = run("import atexit\n@atexit.register\ndef bye():\n    return 3\natexit.register(bye)\n")
    assert namespace["bye"]() == 3


def test_the_future_and_the_docstring():
    namespace, _ = run('"""Doc."""\nfrom __future__ import annotations\nx: Nothing = 3\ndef f(a: Nothing): pass\n')
    assert (namespace["__doc__"], namespace["x"], namespace["f"].__annotations__) == ("Doc.", 3, {"a": "Nothing"})


def test_a_decorator_that_raises_is_left_out():
    namespace, left_out = run(
        """
        def register(function):
            raise ValueError("is registered already")

        @register
        def net():
            return 3
        """
    )
    assert namespace["net"]() == 3
    assert left_out == [(5, "raises ValueError: is registered already")]
