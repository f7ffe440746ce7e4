# networks: model
# left out: prints; calls optim.SGD
# input: 1x28x28
# assumed: takes 784 = 1x28x28 features
"""A first script: everything is under the guard, the network, too."""

if __name__ == "__main__":
    import torch
    from torch import nn, optim

    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(f"on {device}")

    class Digits(nn.Module):
        def __init__(self):
            super().__init__()
            self.flatten = nn.Flatten()
            self.layers = nn.Sequential(nn.Linear(28 * 28, 64), nn.ReLU(), nn.Linear(64, 10))

        def forward(self, x):
            return self.layers(self.flatten(x))

    model = Digits().to(device)
    optimizer = optim.SGD(model.parameters(), lr=1e-3)
