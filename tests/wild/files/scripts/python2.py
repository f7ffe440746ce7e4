# Left over from Python 2: it cannot be read.
# networks:
# assumed:
# left out:
# refused: SyntaxError: Missing parentheses; python2.py:
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        print "forward", x.size()
        return self.conv(x)
