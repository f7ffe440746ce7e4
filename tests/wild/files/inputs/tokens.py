# networks: Classifier
# left out:
# input: 1x16:int64
# assumed: `embed` takes token ids
from torch import nn


class Classifier(nn.Module):
    def __init__(self, vocabulary=1000, width=16, classes=4):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, 32, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(64, classes)

    def forward(self, tokens, lengths=None):
        states, _ = self.lstm(self.embed(tokens))
        return self.fc(states[:, -1])
