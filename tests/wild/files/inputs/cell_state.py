# networks: Tagger
# left out:
# input: x=16x1x20, state.0=2x1x30, state.1=2x1x30
# assumed: state is a tuple of tensors, `lstm` takes 20 features
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(20, 30, num_layers=2)
        self.out = nn.Linear(30, 5)

    def forward(self, x, state):
        x, state = self.lstm(x, state)
        return self.out(x), state
