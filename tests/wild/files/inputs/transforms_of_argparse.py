# networks: Net
# left out: parses arguments; needs args
# input: 3x48x48
# assumed: transforms_of_argparse.py:14 has transforms.RandomCrop(args.crop)
import argparse

from torch import nn
from torchvision import transforms

parser = argparse.ArgumentParser()
parser.add_argument("--crop", type=int, default=48)
parser.add_argument("--data", required=True)
args = parser.parse_args()
augment = transforms.Compose([transforms.Resize(64), transforms.RandomCrop(args.crop), transforms.ToTensor()])


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
