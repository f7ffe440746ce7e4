"""Analyze a network of one's own: what it costs, what it sees, and which layers see nothing new."""

from torch import Tensor, nn

import convwright


class Small(nn.Module):
    """A small network for 32x32 images."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, padding=1)
        self.body = nn.Sequential(*(nn.Conv2d(32, 32, 3, stride=2, padding=1) for _ in range(4)))
        self.late = nn.Conv2d(32, 32, 3, padding=1)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.late(self.body(self.stem(x).relu()).relu())
        return self.head(x.mean((2, 3)))


found = convwright.analyze(Small().eval(), (1, 3, 32, 32))
print(found)
for op in found.fields.unproductive:
    print(f"{op.path} sees nothing new: its input covers the whole image already ({op.place})")
print(f"a batch of {found.memory.largest_batch(2**30):,} trains in 1 GiB")
