# networks: Net
# left out: imports wild_missing_tracker, which is missing; calls wandb.init of a package that is missing; imports wild_missing_lib, which is missing
import wild_missing_tracker as wandb
from wild_missing_tracker.plot import Plot, draw
import wild_missing_lib.nets
from torch import nn

wandb.init(project="x")


@draw
@wandb.main(config="x")
def report(net: Plot, more: wandb.Run | None = None) -> Plot:
    return wandb.log(net)


class Net(nn.Sequential):
    def __init__(self, hook: Plot = None):
        super().__init__(nn.Conv2d(3, 4, 3))
