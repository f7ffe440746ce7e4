# Compiled pieces: a scripted function, a compiled network, mixed precision around forward.
# networks: net
# assumed: gives it 1x3x64x64
# left out: calls torch.set_default_device; changes torch.backends.cuda; calls torch.jit.trace
import torch
import torch.nn as nn
from torch.cuda.amp import autocast, GradScaler

torch.backends.cuda.matmul.allow_tf32 = True
torch.set_float32_matmul_precision("high")
torch.set_default_device("cuda")
scaler = GradScaler()


@torch.jit.script
def swish(x):
    return x * torch.sigmoid(x)


class Swish(nn.Module):
    def forward(self, x):
        return swish(x)


@torch.compile
def scale(x, gamma):
    return x * gamma


class Net(nn.Module):
    def __init__(self, width: int = 16, num_classes: int = 10):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(1, width, 1, 1))
        self.conv = nn.Conv2d(3, width, 3, stride=2, padding=1)  # finds: CW301
        self.norm = nn.BatchNorm2d(width)
        self.act = Swish()
        self.fc = nn.Linear(width, num_classes)

    @autocast()
    def forward(self, x):
        x = self.act(self.norm(self.conv(x)))
        return self.fc(scale(x, self.gamma).mean((2, 3)))


net = torch.compile(Net(num_classes=100), mode="max-autotune")
net = net.to(memory_format=torch.channels_last)
script = torch.jit.trace(net, torch.randn(1, 3, 64, 64))
script.save("net.pt")
