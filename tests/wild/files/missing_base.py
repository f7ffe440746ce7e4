# networks: Net
# left out: imports wild_missing_lightning, which is missing
import wild_missing_lightning as L
import torch
from torch import nn


class Net(L.LightningModule):
    def __init__(self, width=4, lr=1e-3):
        super().__init__()
        self.save_hyperparameters()
        self.conv = nn.Conv2d(3, self.hparams.width, 3)

    def forward(self, x):
        return self.conv(x)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
