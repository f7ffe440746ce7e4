# networks: Vae
# left out:
# input: 1x64
# assumed: called_in_main.py:24 gives it 8x64
import torch
from torch import nn

LATENT = 64


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(LATENT, 128), nn.ReLU())

    def forward(self, z):
        return self.body(z)


if __name__ == "__main__":
    batch = 8
    noise = torch.randn(batch, LATENT).to("cpu")
    net = Vae().eval()
    print(net(noise).shape)
