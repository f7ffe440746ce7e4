# networks: Net
# left out: waits; may loop forever; ends the program; may raise
import sys
import time
from sys import exit
from torch import nn

time.sleep(1000)
while True:
    time.sleep(1)


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3))


assert False, "needs a GPU"
exit(1)
sys.exit(2)
