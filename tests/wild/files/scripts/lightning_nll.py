# Lightning: log-probabilities and their loss go together; a norm that is never called does not.
# networks: LitClassifier
# assumed:
# left out: imports torchmetrics, which is missing
from argparse import ArgumentParser

import pytorch_lightning as pl
import torch
import torchmetrics
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import nn
from torch.nn import functional as F

pl.seed_everything(1234)


class LitClassifier(pl.LightningModule):
    def __init__(self, hidden_dim=16, learning_rate=1e-3, **kwargs):
        super().__init__()
        self.save_hyperparameters()
        self.stem = nn.Conv2d(1, hidden_dim, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(hidden_dim)  # finds: CW110
        self.fc = nn.Linear(self.hparams.hidden_dim, 10)
        self.accuracy = torchmetrics.Accuracy(task="multiclass", num_classes=10)
        self.example_input_array = torch.zeros(1, 1, 28, 28)

    def forward(self, x):
        x = F.relu(self.stem(x)).mean((2, 3))
        return F.log_softmax(self.fc(x), dim=1)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.nll_loss(self(x), y)
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.hparams.learning_rate)

    @staticmethod
    def add_model_specific_args(parent_parser):
        parser = ArgumentParser(parents=[parent_parser], add_help=False)
        parser.add_argument("--hidden_dim", type=int, default=16)
        return parser


def cli_main():
    parser = ArgumentParser()
    parser = pl.Trainer.add_argparse_args(parser)
    parser = LitClassifier.add_model_specific_args(parser)
    args = parser.parse_args()
    model = LitClassifier(args.hidden_dim)
    trainer = pl.Trainer.from_argparse_args(args, callbacks=[ModelCheckpoint()])
    trainer.fit(model)


if __name__ == "__main__":
    cli_main()
