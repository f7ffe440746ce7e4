# networks: Generator
# left out: parses arguments; needs opt; asks for input
# arguments: device='cpu' from parsed_globals.py:12; nz=100 from parsed_globals.py:10; opt=Namespace(nz=100, ngf=8, manualSeed=None) from parsed_globals.py:13
import argparse
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--dataroot", required=True)
parser.add_argument("--nz", type=int, default=100)
parser.add_argument("--ngf", type=int, default=8)
parser.add_argument("--manualSeed", type=int)
opt = parser.parse_args()
nz = int(opt.nz)
device = "cuda:0" if opt.manualSeed else "cpu"
name = input("name? ")
torch.manual_seed(opt.manualSeed)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(nz, opt.ngf, 3)
        self.noise = torch.zeros(1, device=device)

    def forward(self, x):
        return torch.tanh(self.conv(x))


netG = Generator().to(device)
