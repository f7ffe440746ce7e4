# networks: Net
# left out: calls main, which calls save, which opens a file
from torch import nn


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3), nn.ReLU())


def save(text):
    with open("ran.txt", "w") as file:
        file.write(text)


def main():
    save("ran")


main()
