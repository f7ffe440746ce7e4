# networks: Net
# left out:
# arguments: width=8 from parsed_width.py:28; num_classes=10 from parsed_width.py:38; dropout=0.5 from parsed_width.py:41
import argparse
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, width, num_classes, dropout):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.drop = nn.Dropout(dropout)
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x):
        return self.fc(self.drop(torch.relu(self.conv(x)).mean((2, 3))))


def train(model, epochs):
    for _ in range(epochs):
        model(torch.zeros(2, 3, 32, 32)).sum().backward()


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument(
        "--width", type=int, default=8)
    group = parser.add_argument_group("task")
    parser.add_argument("--dataset", default="cifar10", choices=["cifar10", "cifar100"])
    return parser.parse_args()


def main():
    args = get_args()
    if args.dataset == "cifar10":
        args.classes = 10
    elif args.dataset == "cifar100":
        args.classes = 100
    model = Net(args.width, args.classes, dropout=0.5)
    train(model, epochs=1)


if __name__ == "__main__":
    main()
