# Detection: layers from a list, boxes at two scales, an in-place activation before the shortcut.
# networks: YOLO
# assumed: gives it 2x3x64x64
# left out: imports utils, which is missing
import torch
import torch.nn as nn

from utils.general import non_max_suppression, check_file

ANCHORS = [[(0.28, 0.22), (0.38, 0.48)], [(0.02, 0.03), (0.04, 0.07)]]
config = [(8, 3, 2), ["B", 1], (16, 3, 2), "S", (32, 3, 2), "S"]


class CNNBlock(nn.Module):
    def __init__(self, in_channels, out_channels, bn_act=True, **kwargs):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, bias=not bn_act, **kwargs)
        self.bn = nn.BatchNorm2d(out_channels)
        self.leaky = nn.LeakyReLU(0.1)
        self.use_bn_act = bn_act

    def forward(self, x):
        return self.leaky(self.bn(self.conv(x))) if self.use_bn_act else self.conv(x)


class ResidualBlock(nn.Module):
    def __init__(self, channels, num_repeats=1):
        super().__init__()
        self.act = nn.LeakyReLU(0.1, inplace=True)  # finds: CW311
        self.layers = nn.ModuleList(
            [CNNBlock(channels, channels, kernel_size=3, padding=1) for _ in range(num_repeats)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(self.act(x)) + x
        return x


class ScalePrediction(nn.Module):
    def __init__(self, in_channels, num_classes):
        super().__init__()
        self.pred = nn.Conv2d(in_channels, (num_classes + 5) * 2, kernel_size=1)
        self.num_classes = num_classes

    def forward(self, x):
        return self.pred(x).reshape(x.shape[0], 2, self.num_classes + 5, x.shape[2], x.shape[3]).permute(0, 1, 3, 4, 2)


class YOLO(nn.Module):
    def __init__(self, in_channels=3, num_classes=20):
        super().__init__()
        self.num_classes = num_classes
        self.layers = nn.ModuleList()
        for module in config:
            if isinstance(module, tuple):
                out_channels, kernel_size, stride = module
                self.layers.append(CNNBlock(in_channels, out_channels, kernel_size=kernel_size, stride=stride, padding=1))
                in_channels = out_channels
            elif isinstance(module, list):
                self.layers.append(ResidualBlock(in_channels, num_repeats=module[1]))
            else:
                self.layers.append(ScalePrediction(in_channels, num_classes))

    def forward(self, x):
        outputs = []
        for layer in self.layers:
            if isinstance(layer, ScalePrediction):
                outputs.append(layer(x))
                continue
            x = layer(x)
        return outputs


if __name__ == "__main__":
    num_classes = 4
    IMAGE_SIZE = 64
    model = YOLO(num_classes=num_classes)
    x = torch.randn((2, 3, IMAGE_SIZE, IMAGE_SIZE))
    out = model(x)
    assert out[0].shape == (2, 2, IMAGE_SIZE // 4, IMAGE_SIZE // 4, num_classes + 5)
    print("Success!")
