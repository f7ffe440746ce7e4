"""Build an architecture, turn its knobs, and look at what each stage makes of an image."""

import torch

import convwright
from convwright.layers import downsample_names

x = torch.rand(1, 3, 64, 64)

for downsample in downsample_names():
    model = convwright.build("resnet18_cifar", downsample=downsample).eval()
    parameters = sum(p.numel() for p in model.parameters())
    with torch.inference_mode():
        maps = model.forward_stages(x)
    sizes = " -> ".join(f"{m.shape[1]}x{m.shape[2]}x{m.shape[3]}" for m in maps.values())
    print(f"{downsample:>10}  {parameters:,} parameters  {sizes}")
