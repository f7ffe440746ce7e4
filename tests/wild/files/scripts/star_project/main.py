'''Train CIFAR10 with PyTorch.'''
# Star imports of a package beside it, a helper that reads the screen's width at import.
# networks: net
# assumed: gives it 1x3x32x32
# left out: prints; parses arguments; moves to a device
# with: star_project/models/simple.py
# finds elsewhere: CW506
import torch
import torch.nn as nn
import torch.backends.cudnn as cudnn
import argparse

from models import *
from utils import progress_bar

parser = argparse.ArgumentParser(description='PyTorch CIFAR10 Training')
parser.add_argument('--lr', default=0.1, type=float, help='learning rate')
parser.add_argument('--resume', '-r', action='store_true', help='resume from checkpoint')
args = parser.parse_args()

device = 'cuda' if torch.cuda.is_available() else 'cpu'
best_acc = 0

print('==> Building model..')
# net = VGG('VGG19')
net = SimpleNet(SimpleBlock, [1, 1])
net = net.to(device)
if device == 'cuda':
    net = torch.nn.DataParallel(net)
    cudnn.benchmark = True
if args.resume:
    checkpoint = torch.load('./checkpoint/ckpt.pth')
    net.load_state_dict(checkpoint['net'])
