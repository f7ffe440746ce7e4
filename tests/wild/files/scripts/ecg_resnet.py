# 1-D signals: arrays loaded at the top, a bias before a norm, a loop without an end.
# networks: ECGNet
# assumed: num_classes=9 from; gives it 4x12x512
# left out: calls loadmat; calls np.load; calls main
import numpy as np
import torch
from scipy.io import loadmat
from torch import nn

data = loadmat("training2017/A00001.mat")["val"]
X_train = np.load("X_train.npy")
n_leads, n_classes = 12, 9
SEQ_LEN = 512


class BasicBlock(nn.Module):
    def __init__(self, inplanes, planes, stride=1):
        super().__init__()
        self.conv1 = nn.Conv1d(inplanes, planes, kernel_size=7, stride=stride, padding=3, bias=False)
        self.bn1 = nn.BatchNorm1d(planes)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv1d(planes, planes, kernel_size=7, padding=3)  # finds: CW301
        self.bn2 = nn.BatchNorm1d(planes)
        self.downsample = nn.Conv1d(inplanes, planes, kernel_size=1, stride=stride)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.downsample(x)
        return self.relu(out)


class ECGNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.layer1 = BasicBlock(n_leads, 16, stride=2)
        self.layer2 = BasicBlock(16, 32, stride=2)
        self.avgpool = nn.AdaptiveAvgPool1d(1)
        self.fc = nn.Linear(32, num_classes)

    def forward(self, x):
        x = self.layer2(self.layer1(x))
        return self.fc(self.avgpool(x).view(x.size(0), -1))


def main():
    model = ECGNet(num_classes=n_classes).cuda()
    x = torch.zeros(4, n_leads, SEQ_LEN).cuda()
    while True:
        print(model(x).argmax(1))


main()
