# networks: Classifier
# left out: imports lightning_that_is_missing
# arguments: hparams=Namespace(width=4, lr=0.1) from lightning_module.py:40
import argparse
import lightning_that_is_missing as L
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.fc = nn.Linear(width, 10)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).mean((2, 3)))


class Classifier(L.LightningModule):
    def __init__(self, hparams):
        super().__init__()
        self.model = Net(hparams.width)
        self.lr = hparams.lr
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, _):
        x, y = batch
        return F.cross_entropy(self(x), y)


def cli_main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", default=4, type=int)
    parser.add_argument("--lr", default=0.1, type=float)
    args = parser.parse_args()
    model = Classifier(args)
    trainer = L.Trainer(max_epochs=3)
    trainer.fit(model)


if __name__ == "__main__":
    cli_main()
