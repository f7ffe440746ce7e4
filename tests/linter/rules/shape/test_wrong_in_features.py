from torch import nn

from convwright.linter import Safety, lint
from reference.linting import codes

BODY = (nn.Conv2d(3, 16, 3, stride=2), nn.ReLU())


def test_a_map_that_was_never_flattened_is_left_to_its_author():
    (finding,) = lint(nn.Sequential(*BODY, nn.Linear(16 * 15 * 15, 10)), (1, 3, 32, 32)).findings
    assert (finding.code, finding.path) == ("CW101", "2")
    assert finding.fix.safety is Safety.SUGGESTION
    assert finding.fix.summary == "flatten the map first: x.flatten(1)"


def test_a_linear_call_of_another_module_is_not_set():
    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(7, 10)

        def forward(self, x):
            return nn.functional.linear(x.flatten(1), self.linear.weight)

    (finding,) = lint(nn.Sequential(*BODY, Head()), (1, 3, 32, 32)).findings
    assert (finding.code, finding.fix.safety) == ("CW101", Safety.SUGGESTION)


def test_the_dtype_of_a_linear_layer_is_another_rules_matter():
    assert codes(lint(nn.Sequential(nn.Flatten(), nn.Linear(12, 2), nn.Linear(2, 2).double()), (1, 3, 2, 2))) == {
        "CW103"
    }


def test_it_says_where_the_layer_was_called():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(7, 10)

        def forward(self, x):
            return self.head(x.flatten(1))

    (finding,) = lint(Net(), (1, 3, 32, 32)).findings
    assert finding.place.file == __file__
