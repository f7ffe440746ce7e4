# Video: no size fits, because the head counts channels that the body does not have.
# networks: C3D
# assumed: num_classes=101 from; no input fits
# left out: imports mypath, which is missing; calls os.chdir
import os
import torch
import torch.nn as nn
from mypath import Path

os.chdir(os.path.dirname(os.path.abspath(__file__)) or ".")


class C3D(nn.Module):
    """
    The C3D network.
    """

    def __init__(self, num_classes, pretrained=False):
        super(C3D, self).__init__()
        self.conv1 = nn.Conv3d(3, 8, kernel_size=(3, 3, 3), padding=(1, 1, 1))
        self.pool1 = nn.MaxPool3d(kernel_size=(1, 2, 2), stride=(1, 2, 2))
        self.conv2 = nn.Conv3d(8, 16, kernel_size=(3, 3, 3), padding=(1, 1, 1))
        self.pool2 = nn.AdaptiveAvgPool3d((1, 2, 2))
        self.fc6 = nn.Linear(128, 32)  # finds: CW101
        self.fc7 = nn.Linear(32, num_classes)
        self.relu = nn.ReLU()
        if pretrained:
            self.__load_pretrained_weights()

    def forward(self, x):
        x = self.pool1(self.relu(self.conv1(x)))
        x = self.pool2(self.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        return self.fc7(self.relu(self.fc6(x)))

    def __load_pretrained_weights(self):
        p_dict = torch.load(Path.model_dir())
        s_dict = self.state_dict()
        for name in p_dict:
            s_dict[name] = p_dict[name]
        self.load_state_dict(s_dict)


if __name__ == "__main__":
    inputs = torch.rand(1, 3, 16, 112, 112)
    net = C3D(num_classes=101, pretrained=True)
    outputs = net.forward(inputs)
    print(outputs.size())
