# networks:
# left out: imports missing_progress_bar
import torch.nn as nn
import missing_progress_bar
from settings import WIDTH
from models.net import Net

DEVICE = "cuda"


def main():
    for epoch in missing_progress_bar.tqdm(range(3)):
        pass
    model = Net(WIDTH, act=nn.ReLU)
    model.to(DEVICE)


if __name__ == "__main__":
    main()
