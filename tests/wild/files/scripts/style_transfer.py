# Pieces of a torchvision network, cut out and frozen; a module list of losses around it.
# networks: cnn; extractor
# assumed: weights of squeezenet1_1; weights of squeezenet1_1; nothing says otherwise; weights of squeezenet1_1; weights of squeezenet1_1; nothing says otherwise
# left out: opens a file; moves to a device
import copy
import torch
import torch.nn as nn
from PIL import Image
from torchvision import models

image = Image.open("dancing.jpg")
cnn = models.squeezenet1_1(pretrained=True).features.eval()


class Features(nn.Module):
    def __init__(self, layers=("0", "3")):
        super().__init__()
        net = models.squeezenet1_1(pretrained=True)
        self.slice1 = nn.Sequential(*list(net.features.children())[:3])
        self.slice2 = nn.Sequential(*list(net.features.children())[3:4])
        self.slice3 = nn.Sequential(*list(net.features.children())[4:6])  # finds: CW110
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(-1, 1, 1))
        for p in self.parameters():
            p.requires_grad_(False)

    def forward(self, x):
        h1 = self.slice1((x - self.mean) / 0.225)
        return h1, self.slice2(h1)


extractor = Features().cuda()
