"""CW304 looks only as far as the next convolution."""

from torch import nn

from convwright.linter import Safety, Settings
from convwright.linter.fix_module import fix
from reference.linting import found


def test_a_convolution_between_and_dropout_that_drops_nothing_are_left_alone():
    conv = nn.Conv2d(3, 8, 3, bias=False)
    assert not found("CW304", nn.Sequential(nn.Dropout2d(0.2), conv, nn.BatchNorm2d(8)))
    assert not found("CW304", nn.Sequential(nn.Dropout2d(0.0), nn.BatchNorm2d(3)))


def test_alpha_dropout_keeps_mean_and_variance():
    assert not found("CW304", nn.Sequential(nn.AlphaDropout(0.2), nn.BatchNorm2d(3)))


def test_a_norm_without_running_statistics_or_in_eval_mode_is_left_alone():
    assert not found("CW304", nn.Sequential(nn.Dropout2d(0.2), nn.BatchNorm2d(3, track_running_stats=False)))
    assert not found("CW304", nn.Sequential(nn.Dropout2d(0.2), nn.BatchNorm2d(3).eval()))


def test_an_activation_between_leaves_only_words():
    (finding,) = found("CW304", nn.Sequential(nn.Dropout(0.2), nn.ReLU(), nn.BatchNorm2d(3)))
    assert finding.fix.safety is Safety.SUGGESTION
    assert "measures 1.25 times the mean square" in finding.message


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout, self.norm = nn.Dropout2d(0.2), nn.BatchNorm2d(3)

    def forward(self, x):
        return self.norm(self.dropout(x))


def test_modules_with_names_are_not_exchanged():
    (finding,) = found("CW304", Block())
    assert finding.fix.safety is Safety.SUGGESTION


def test_the_bias_that_the_norm_would_then_cancel_goes_too():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Dropout2d(0.2), nn.BatchNorm2d(8))
    repaired = fix(net, (2, 3, 32, 32), settings=Settings(select=("CW304", "CW301")), unsafe=True)
    assert [type(layer) for layer in repaired.state] == [nn.Conv2d, nn.BatchNorm2d, nn.Dropout2d]
    assert repaired.state[0].bias is None
    assert repaired.reports[0].findings == ()
