# networks:
# left out: opens a file; prints; waits
import time
from torch import nn

WIDTH = 4
SETTINGS = open("ran.txt", "w")
print("downloading ...")
time.sleep(1000)


def block(width):
    return nn.Conv2d(3, width, 3)
