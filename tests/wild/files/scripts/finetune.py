# Transfer: a torchvision network, frozen, with a head whose classes only the folder knows.
# networks: get_model
# assumed: weights of resnet18; num_classes=10, since nothing says it; RandomResizedCrop(64)
# left out: calls datasets.ImageFolder; needs image_datasets
# finds elsewhere: CW307; CW201
import torch
import torch.nn as nn
import torchvision
from torchvision import datasets, models, transforms
from torchvision.models import ResNet18_Weights

data_dir = "hymenoptera_data"
data_transforms = {
    "train": transforms.Compose([transforms.RandomResizedCrop(64), transforms.ToTensor()]),
    "val": transforms.Compose([transforms.Resize(72), transforms.CenterCrop(64), transforms.ToTensor()]),
}
image_datasets = {x: datasets.ImageFolder(f"{data_dir}/{x}", data_transforms[x]) for x in ["train", "val"]}
class_names = image_datasets["train"].classes
device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")


def get_model(num_classes, feature_extract=True):
    model = models.resnet18(weights=ResNet18_Weights.IMAGENET1K_V1)
    if feature_extract:
        for param in model.parameters():
            param.requires_grad = False
    model.fc = nn.Sequential(nn.Linear(model.fc.in_features, num_classes), nn.Softmax(dim=1))  # finds: CW601
    return model


model = get_model(len(class_names))
model = model.to(device)
optimizer = torch.optim.SGD(model.fc.parameters(), lr=0.001, momentum=0.9)
