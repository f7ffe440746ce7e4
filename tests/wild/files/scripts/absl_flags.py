# Flags of absl, read in main; a factory with a text for its kind.
# networks: build_model
# assumed: arch='shared' from; width=24 from; num_classes=7 from; nothing says otherwise
# left out:
import torch
from absl import app, flags
from torch import nn

FLAGS = flags.FLAGS
flags.DEFINE_integer("wild_width", 24, "Channels of the first stage.")
flags.DEFINE_integer("wild_classes", 7, "Number of classes.")
flags.DEFINE_string("wild_arch", "shared", "plain or shared")


class Plain(nn.Module):
    def __init__(self, width, num_classes, shared):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, stride=2, padding=1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)  # finds: CW308
        self.bn2 = self.bn if shared else nn.BatchNorm2d(width)
        self.fc = nn.Linear(width, num_classes)

    def forward(self, x):
        x = torch.relu(self.bn(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.fc(x.mean(dim=(2, 3)))


def build_model(arch, width, num_classes):
    if arch == "plain":
        return Plain(width, num_classes, False)
    elif arch == "shared":
        return Plain(width, num_classes, True)
    raise ValueError(arch)


def main(argv):
    del argv
    model = build_model(FLAGS.wild_arch, FLAGS.wild_width, FLAGS.wild_classes).to("cuda")
    print(model)


if __name__ == "__main__":
    app.run(main)
