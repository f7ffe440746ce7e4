# Two images in, a distance out; the loss beside it is no network.
# networks: net
# assumed: `fc1.0` takes 5000 = 8x25x25 features
# left out: calls torchvision.datasets.ImageFolder
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision


class Config():
    training_dir = "./data/faces/training/"
    train_batch_size = 64


folder_dataset = torchvision.datasets.ImageFolder(root=Config.training_dir)


class SiameseNetwork(nn.Module):
    def __init__(self):
        super(SiameseNetwork, self).__init__()
        self.cnn1 = nn.Sequential(
            nn.Conv2d(1, 4, kernel_size=3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.BatchNorm2d(4),
            nn.Conv2d(4, 8, kernel_size=3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.BatchNorm2d(8),
        )
        self.fc1 = nn.Sequential(nn.Linear(8 * 25 * 25, 16), nn.ReLU(inplace=True), nn.Linear(16, 5))
        self.bn = nn.BatchNorm1d(5)  # finds: CW110

    def forward_once(self, x):
        output = self.cnn1(x)
        output = output.view(output.size()[0], -1)
        return self.fc1(output)

    def forward(self, input1, input2):
        return self.forward_once(input1), self.forward_once(input2)


class ContrastiveLoss(torch.nn.Module):
    def __init__(self, margin=2.0):
        super(ContrastiveLoss, self).__init__()
        self.margin = margin

    def forward(self, output1, output2, label):
        distance = F.pairwise_distance(output1, output2)
        return torch.mean((1 - label) * distance ** 2 + label * torch.clamp(self.margin - distance, min=0.0) ** 2)


net = SiameseNetwork().cuda()
criterion = ContrastiveLoss()
