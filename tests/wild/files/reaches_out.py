# networks: Net; FromHub
# left out: calls torch.hub.load
import urllib.request

import torch
from torch import nn

backbone = torch.hub.load("pytorch/vision", "resnet50", pretrained=True)


class Net(nn.Module):
    def __init__(self, device="cuda"):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, device=device)
        path, _ = urllib.request.urlretrieve("https://example.com/net.pth", "net.pth")
        state = torch.load(path, map_location=device)["state_dict"]
        self.load_state_dict({key.removeprefix("module."): value for key, value in state.items()}, strict=False)
        torch.cuda.set_device(0)
        self.cuda()

    def forward(self, x):
        torch.cuda.synchronize()
        return self.conv(x.cuda())


class FromHub(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.conv.load_state_dict(torch.hub.load_state_dict_from_url("https://example.com/conv-0123abcd.pth"))

    def forward(self, x):
        return self.conv(x)
