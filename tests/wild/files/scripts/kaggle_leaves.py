# Kaggle kernel: a class of settings, timm, a softmax too many.
# networks: model
# assumed: weights of test_resnet; A.Resize(CFG.size, CFG.size)
# left out: imports wandb, which is missing; calls wandb.init of a package that is missing; calls pd.read_csv; changes os.environ
import os
import random

import albumentations as A
import cv2
import numpy as np
import pandas as pd
import timm
import torch
import wandb
from albumentations.pytorch import ToTensorV2
from torch import nn
from tqdm.auto import tqdm

os.environ["CUDA_VISIBLE_DEVICES"] = "0"


class CFG:
    seed = 42
    model_name = "test_resnet"
    size = 96
    target_size = 5
    device = "cuda:0" if torch.cuda.is_available() else "cpu"


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    os.environ["PYTHONHASHSEED"] = str(seed)
    torch.manual_seed(seed)
    torch.backends.cudnn.deterministic = True


seed_everything(CFG.seed)
wandb.login(key=open("../input/key.txt").read())
run = wandb.init(project="leaves", config={k: v for k, v in vars(CFG).items() if not k.startswith("_")})
train = pd.read_csv("../input/leaves/train.csv")
train.head()


def get_transforms(data):
    return A.Compose([A.Resize(CFG.size, CFG.size), A.HorizontalFlip(p=0.5), A.Normalize(), ToTensorV2()])


class LeafModel(nn.Module):
    def __init__(self, model_name="resnet50", pretrained=False):
        super().__init__()
        self.model = timm.create_model(model_name, pretrained=pretrained)
        n_features = self.model.fc.in_features
        self.model.fc = nn.Linear(n_features, CFG.target_size)
        self.act = nn.Softmax(dim=1)  # finds: CW601

    def forward(self, x):
        return self.act(self.model(x))


model = LeafModel(CFG.model_name, pretrained=True)
criterion = nn.CrossEntropyLoss()
for images, labels in tqdm(train):
    loss = criterion(model(images.to(CFG.device)), labels)
