# Tabs, names of Python 2, options read where nobody reads them.
# networks: model
# assumed: makes 2x3x32x32
# left out: raises AttributeError; calls Variable
import sys, torch
import torch.nn as nn
try:
	reload(sys)
	sys.setdefaultencoding("utf8")
except NameError:
	pass
try:
	import cPickle as pickle
except ImportError:
	import pickle
from torch.autograd import Variable
use_cuda = torch.cuda.is_available()
lr, momentum = 0.1, .9
layers = [8, 16]

class Net(nn.Module):
	def __init__(self, widths=layers):
		super(Net, self).__init__()
		self.convs = nn.ModuleList()
		c = 3
		for w in widths:
			self.convs.append(nn.Conv2d(c, w, 3, 2, 1)); c = w
		self.fc = nn.Linear(c, 10)
		self.old = nn.Linear(c, 10)  # finds: CW110

	def forward(self, x):
		for conv in self.convs:
			x = nn.functional.relu(conv(x))
		return self.fc(x.mean(3).mean(2))

model = Net()
if use_cuda:
	model.cuda()
x = Variable(torch.rand(2, 3, 32, 32), volatile=True)
