'''A small residual network.'''
import torch
import torch.nn as nn
import torch.nn.functional as F


class SimpleBlock(nn.Module):
    expansion = 1

    def __init__(self, in_planes, planes, stride=1):
        super(SimpleBlock, self).__init__()
        self.bn1 = nn.BatchNorm2d(in_planes)
        self.conv1 = nn.Conv2d(in_planes, planes, 3, stride=stride, padding=1, bias=False)
        self.relu = nn.ReLU(inplace=True)  # finds: CW311
        self.shortcut = nn.Sequential()
        if stride != 1 or in_planes != planes:
            self.shortcut = nn.Sequential(nn.Conv2d(in_planes, planes, 1, stride=stride, bias=False))

    def forward(self, x):
        out = self.conv1(self.bn1(self.relu(x)))
        out += self.shortcut(x)
        return out


class SimpleNet(nn.Module):
    def __init__(self, block, num_blocks, num_classes=10):
        super(SimpleNet, self).__init__()
        self.in_planes = 8
        self.conv1 = nn.Conv2d(3, 8, kernel_size=3, stride=1, padding=1, bias=False)
        self.layer1 = self._make_layer(block, 8, num_blocks[0], stride=1)
        self.layer2 = self._make_layer(block, 16, num_blocks[1], stride=2)
        self.bn = nn.BatchNorm2d(16)
        self.linear = nn.Linear(16, num_classes)

    def _make_layer(self, block, planes, num_blocks, stride):
        layers = []
        for stride in [stride] + [1] * (num_blocks - 1):
            layers.append(block(self.in_planes, planes, stride))
            self.in_planes = planes * block.expansion
        return nn.Sequential(*layers)

    def forward(self, x):
        out = self.layer2(self.layer1(self.conv1(x)))
        out = F.avg_pool2d(F.relu(self.bn(out)), 16)
        out = out.view(out.size(0), -1)
        return self.linear(out)


def test():
    net = SimpleNet(SimpleBlock, [1, 1])
    y = net(torch.randn(1, 3, 32, 32))
    print(y.size())

# test()
