"""Train a small network on handwritten digits that ship with scikit-learn: `python examples/05_train.py`."""

import convwright
from convwright.data import Augmentation

data = convwright.load_data("digits")
channels, *size = data.image_shape
print(f"{data.name}: {len(data.train):,} images of {size} for training, {len(data.test):,} for the test")

net = convwright.build("resnet20", width=0.5, num_classes=data.num_classes, in_channels=channels)
recipe = convwright.Recipe(
    epochs=4,
    batch_size=64,
    precision="fp32",
    augmentation=Augmentation(crop_padding=1),
)
recipe = recipe.with_overrides(["optimizer.lr=0.05", "schedule.warmup=0.1"])

# With `folder=Path("run")` the run could be killed at any moment and resumed to the same weights.
record = convwright.train(net, data, recipe)

for epoch in record.epochs:
    print(f"epoch {epoch.epoch}: loss {epoch.train_loss:.2f}, validation {epoch.validation_accuracy:.1%}")
low, high = record.test.interval
remarks = ", ".join(record.notes) or "none"
print(f"test {record.test.accuracy:.1%} ({low:.1%} to {high:.1%}); remarks: {remarks}")
