import pytest
from torch import nn

from convwright.linter import Safety, lint


class Reshaped(nn.Module):
    """A convolution, a reshape, a linear layer, and what is done at the end."""

    def __init__(self, reshape, features, end=lambda x: x):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, stride=8)
        self.head = nn.Linear(features, 10)
        self.reshape, self.end = reshape, end

    def forward(self, x):
        return self.end(self.head(self.reshape(self.conv(x))))


def mixing(net, batch=2):
    return [finding for finding in lint(net, (batch, 3, 32, 32)).findings if finding.code == "CW104"]


@pytest.mark.parametrize(
    ("reshape", "features"),
    [
        (lambda x: x.flatten(1), 256),
        (lambda x: x.view(-1, 256), 256),
        (lambda x: x.permute(0, 2, 3, 1).reshape(-1, 16), 16),  # a classifier of positions
        (lambda x: x.permute(0, 2, 3, 1).contiguous().view(-1, 16), 16),
        (lambda x: x.flatten(2).transpose(1, 2).flatten(0, 1), 16),
    ],
)
def test_rows_that_are_images_or_positions_pass(reshape, features):
    assert not mixing(Reshaped(reshape, features))


def test_windows_that_are_put_together_again_pass():
    assert not mixing(Reshaped(lambda x: x.view(-1, 64), 64, end=lambda x: x.view(2, 4, 10).mean(1)))


def test_a_list_of_scores_is_no_table_of_features():
    assert not mixing(nn.Sequential(nn.Conv2d(3, 1, 32), nn.Flatten(0)))


def test_two_images_in_one_row():
    (finding,) = mixing(Reshaped(lambda x: x.view(1, 512), 512))
    assert "1 of 512" in finding.message


def test_a_squeeze_takes_the_batch_of_a_single_image():
    net = Reshaped(lambda x: nn.functional.adaptive_avg_pool2d(x, 1).squeeze(), 16)
    assert not mixing(net)
    (finding,) = mixing(net, batch=1)
    assert finding.fix.edits[0].code == "{input}.flatten(1)"


def test_a_flatten_without_start_is_rewritten():
    (finding,) = mixing(Reshaped(lambda x: x.flatten(), 256), batch=1)
    assert finding.fix.safety is Safety.CHANGES_TRAINING
    assert finding.fix.edits[0].code == "{input}.flatten(1)"
    assert "without a batch axis" in finding.message
