# A vision transformer that rearranges with a package which is missing here.
# networks:
# assumed:
# left out:
# refused: einops.layers.torch.Rearrange is needed at; expected einops; pip install einops
import torch
from einops import rearrange, repeat
from einops.layers.torch import Rearrange
from torch import nn


class ViT(nn.Module):
    def __init__(self, *, image_size, patch_size, num_classes, dim):
        super().__init__()
        patches = (image_size // patch_size) ** 2
        self.to_patch_embedding = nn.Sequential(
            Rearrange("b c (h p1) (w p2) -> b (h w) (p1 p2 c)", p1=patch_size, p2=patch_size),
            nn.Linear(3 * patch_size ** 2, dim),
        )
        self.pos_embedding = nn.Parameter(torch.randn(1, patches + 1, dim))
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim))
        self.mlp_head = nn.Linear(dim, num_classes)

    def forward(self, img):
        x = self.to_patch_embedding(img)
        cls_tokens = repeat(self.cls_token, "1 1 d -> b 1 d", b=x.shape[0])
        x = torch.cat((cls_tokens, x), dim=1) + self.pos_embedding
        return self.mlp_head(x[:, 0])


v = ViT(image_size=32, patch_size=8, num_classes=10, dim=16)
img = torch.randn(1, 3, 32, 32)
preds = v(img)
