from torch import nn

from convwright.linter import Safety
from convwright.models import build
from reference.linting import found


class Pre(nn.Module):
    def __init__(self, act):
        super().__init__()
        self.norm, self.conv, self.act = nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1), act

    def forward(self, x):
        return self.act(x + self.conv(self.norm(x).relu()))


def net(*blocks):
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), *blocks)


def test_the_final_activation_passes():
    assert not found("CW506", net(Pre(nn.Identity()), Pre(nn.ReLU())), (1, 3, 8, 8))


def test_ordinary_residual_blocks_pass():
    assert not found("CW506", build("resnet20"), (1, 3, 32, 32))


def test_a_shared_activation_is_left_to_the_author():
    act = nn.ReLU()
    findings = found("CW506", net(Pre(act), Pre(act), Pre(act)), (1, 3, 8, 8))
    assert len(findings) == 2
    assert {finding.fix.safety for finding in findings} == {Safety.SUGGESTION}
    assert [f.fix.edits[0].path for f in found("CW506", net(Pre(nn.ReLU6()), Pre(nn.ReLU())), (1, 3, 8, 8))] == [
        "1.act"
    ]
