# networks: model
# left out: builds a loader; needs loader
# input: 1x28x28
# assumed: mnist_script.py:12 names MNIST
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

norm = [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
loader = DataLoader(datasets.MNIST("../data", train=True, transform=transforms.Compose(norm), download=True))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        x = torch.flatten(F.max_pool2d(x, 2), 1)
        return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)


model = Net()
for image, _ in loader:
    model(image)
