# networks: net10; net20
# left out:
# arguments:
import torch
from torch import nn
from torch.hub import load_state_dict_from_url

URLS = {"net10": "https://example.org/net10.pth", "net20": "https://example.org/net20.pth"}


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return torch.relu(self.norm(x)) + x


class Net(nn.Module):
    def __init__(self, block, depth, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.blocks = nn.Sequential(*[block(8) for _ in range(depth)])
        self.fc = nn.Linear(8, classes)

    def forward(self, x):
        return self.fc(self.blocks(self.conv(x)).mean((2, 3)))


def _net(name, depth, pretrained, **options):
    model = Net(Block, depth, **options)
    if pretrained:
        model.load_state_dict(load_state_dict_from_url(URLS[name]))
    return model


def net10(pretrained=False, **options):
    return _net("net10", 1, pretrained, **options)


def net20(pretrained=False, **options):
    """A deeper one."""
    model = _net("net20", 2, pretrained, **options)
    return model


def main():
    model = net10(pretrained=True)
    torch.save(model.state_dict(), "ran.pth")


if __name__ == "__main__":
    main()
