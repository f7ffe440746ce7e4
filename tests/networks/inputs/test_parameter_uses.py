"""What the code of a forward says of a parameter."""

import pytest

from convwright.networks.inputs.parameter_uses import parameter_uses


class Forwards:
    def unpacked(self, x):
        first, second = x
        return first + second

    def starred(self, x):
        first, *rest = x
        return first, rest

    def indexed(self, x):
        return x[0] + x[2] + x[-1]

    def looped(self, x):
        for part in x:
            yield self.conv(part)

    def joined(self, x):
        return self.torch.cat(x, 1)

    def mapped(self, x):
        return [x["p3"], x.get("p4"), x["p3"]]

    def required(self, x):
        assert isinstance(x, tuple)
        return x

    def either(self, x):
        if isinstance(x, tuple):
            return x
        return self.conv(x)

    def sliced(self, x):
        return x[:, 0], x.shape

    def replaced(self, x):
        x = self.conv(x)
        return x["p3"]


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        ("unpacked", {"iterates": True, "count": 2, "has_count": True}),
        ("starred", {"iterates": True, "count": 0, "has_count": False}),
        ("indexed", {"iterates": True, "count": 3, "has_count": False}),
        ("looped", {"iterates": True, "maps": False}),
        ("joined", {"iterates": True, "passed": []}),
        ("mapped", {"maps": True, "keys": ["p3", "p4"]}),
        ("required", {"iterates": True, "is_tuple": True, "is_tensor": False}),
        ("either", {"is_tensor": True, "iterates": False}),
        ("sliced", {"is_tensor": True, "iterates": False}),
        ("replaced", {"passed": [("conv", 0)], "maps": False}),
    ],
)
def test_uses(forward, said):
    uses = parameter_uses(getattr(Forwards, forward), "x")
    assert {name: getattr(uses, name) for name in said} == said


def test_code_that_is_not_there():
    assert not parameter_uses(eval("lambda self, x: x[0]"), "x").iterates
    assert not parameter_uses(len, "x").iterates
