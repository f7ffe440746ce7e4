# networks: Net
# left out: imports wild_missing_other, which is missing
from torch import nn

try:
    import wild_missing_fused as fused
except ImportError:
    fused = None
try:
    import wild_missing_other
except ImportError:
    raise RuntimeError("pip install wild_missing_other")


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 4, 3), nn.ReLU() if fused is None else fused.ReLU())
