# networks: Net
# left out:
from torch import nn


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3), nn.ReLU())


def main():
    open("ran.txt", "w").write("ran")


if __name__ == "__main__":
    main()
