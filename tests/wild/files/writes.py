# networks: Net
# left out: opens a file; calls pathlib.Path('ran.txt').write_text; calls subprocess.run; changes os.environ['CONVWRIGHT_WILD']; calls torch.manual_seed; changes torch.backends.cudnn.benchmark
import os
import pathlib
import subprocess
import torch
from torch import nn

with open("ran.txt", "w") as file:
    file.write("ran")
pathlib.Path("ran.txt").write_text("ran")
subprocess.run(["touch", "ran.txt"])
os.environ["CONVWRIGHT_WILD"] = "ran"
torch.manual_seed(3)
torch.backends.cudnn.benchmark = True


class Net(nn.Sequential):
    log = open("ran.txt", "w")
    width = 4

    def __init__(self):
        super().__init__(nn.Conv2d(3, self.width, 3))
