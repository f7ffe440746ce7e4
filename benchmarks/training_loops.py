"""Training loops that benchmarks/training.py compares: ours, the limit, and what others write.

Each trains a new network on the same images with the same batch size and optimizer, and calls `clock.step()` after
every step, for ever: the clock ends it.
"""

import contextlib
import dataclasses
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from training_clock import Clock, Over

import convwright
from convwright.data.augment import Augmentation
from convwright.data.load import load_data
from convwright.data.sets import ImageData
from convwright.training import Recipe
from convwright.training.evaluate import DTYPES
from convwright.training.kept_memory import kept_memory
from convwright.training.optimizers import make_optimizer
from convwright.training.precision import Numerics, choose_numerics
from convwright.training.progress import StepReport
from convwright.training.recipe import OptimizerRecipe

SGD = OptimizerRecipe(name="sgd", lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4)
USUAL = Augmentation(flip=True, crop_padding=4, cutout=8)
STRONG = Augmentation(flip=True, crop_padding=4, trivial_augment=True, mixup=0.2, cutmix=1.0)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is trained, where, and who is told of steps."""

    model: str
    data: ImageData
    batch_size: int
    device: torch.device
    numerics: Numerics
    workers: int
    clock: Clock

    def network(self, *, channels_last: bool = False) -> nn.Module:
        """A new network of the model, on the device."""
        layout = torch.channels_last if channels_last else torch.contiguous_format
        return convwright.build(self.model).to(self.device, memory_format=layout).train()

    def loader(self, picture: Callable[[Image.Image], Any]) -> DataLoader[Any]:
        """The training images as workers make them."""
        return DataLoader(
            Pictures(self.data, picture), batch_size=self.batch_size, shuffle=True, drop_last=True,
            num_workers=self.workers, persistent_workers=True, pin_memory=self.device.type == "cuda",
        )  # fmt: skip

    def autocast(self) -> Any:
        """The precision of ours."""
        half = self.numerics.precision != "fp32"
        return torch.autocast(self.device.type, DTYPES[self.numerics.precision]) if half else contextlib.nullcontext()

    def layout(self, images: Tensor) -> Tensor:
        """The images in the memory format of ours."""
        return images.contiguous(memory_format=torch.channels_last) if self.numerics.channels_last else images


class Pictures(Dataset[Any]):
    """Images as torchvision's data sets give them: arrays in memory, a picture for each, transformed one by one."""

    def __init__(self, data: ImageData, transform: Callable[[Image.Image], Any]) -> None:
        self.pixels = data.train.images.permute(0, 2, 3, 1).contiguous().numpy()
        self.labels = data.train.labels.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.transform(Image.fromarray(self.pixels[index])), self.labels[index]


def usual_picture(data: ImageData) -> Callable[[Image.Image], Tensor]:
    crop = transforms.RandomCrop(data.image_shape[1], padding=4)
    normalize = transforms.Normalize(data.mean, data.std)
    return transforms.Compose([crop, transforms.RandomHorizontalFlip(), transforms.ToTensor(), normalize])


def plain_sgd(model: nn.Module) -> torch.optim.SGD:
    return torch.optim.SGD(
        model.parameters(), lr=SGD.lr, momentum=SGD.momentum, nesterov=SGD.nesterov, weight_decay=SGD.weight_decay
    )


def limit(task: Task) -> None:
    """Forward, backward and optimizer step on one batch that is there already, in the precision of ours."""
    model = task.network(channels_last=task.numerics.channels_last)
    optimizer = make_optimizer(model, SGD)
    shape = (task.batch_size, *task.data.image_shape)
    images = task.layout(torch.randn(shape, device=task.device, dtype=DTYPES[task.numerics.precision]))
    labels = torch.randint(task.data.num_classes, shape[:1], device=task.device)
    with kept_memory():
        while True:
            optimizer.zero_grad()
            with task.autocast():
                loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            task.clock.step()


def ours(task: Task, augmentation: Augmentation) -> None:
    """`convwright.train`, with validation left out."""
    data = dataclasses.replace(task.data, validation=task.data.validation.subset(torch.arange(0)))
    recipe = Recipe(
        steps=10**6, batch_size=task.batch_size, optimizer=SGD, augmentation=augmentation,
        precision=task.numerics.precision, channels_last=task.numerics.channels_last,
    )  # fmt: skip
    watch = lambda report: task.clock.step() if isinstance(report, StepReport) else None  # noqa: E731
    convwright.train(convwright.build(task.model), data, recipe, device=task.device.type, watch=watch)


def stock(task: Task) -> None:
    """The loop of PyTorch's tutorials: fp32, NCHW, workers, the loss read in every step."""
    model = task.network()
    optimizer, criterion = plain_sgd(model), nn.CrossEntropyLoss()
    loader = task.loader(usual_picture(task.data))
    while True:
        running_loss = 0.0
        for batch in loader:
            images, labels = (each.to(task.device, non_blocking=True) for each in batch)
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            task.clock.step()


def timm(task: Task, *, tuned: bool) -> None:
    """The loader, optimizer and meters of timm, put together as its train.py does; `tuned` as its flags allow."""
    from timm.data import create_loader
    from timm.data.transforms import MaybePILToTensor
    from timm.optim import create_optimizer_v2
    from timm.utils import AverageMeter

    model = task.network(channels_last=tuned and task.numerics.channels_last)
    optimizer = create_optimizer_v2(
        model, opt="sgd", lr=SGD.lr, weight_decay=SGD.weight_decay, momentum=SGD.momentum, nesterov=SGD.nesterov
    )
    crop, criterion = transforms.RandomCrop(task.data.image_shape[1], padding=4), nn.CrossEntropyLoss()
    loader = create_loader(
        Pictures(task.data, crop), input_size=task.data.image_shape, batch_size=task.batch_size, is_training=True,
        mean=task.data.mean, std=task.data.std, num_workers=task.workers, device=task.device,
        pin_memory=task.device.type == "cuda",
    )  # fmt: skip
    # By default it resizes at random and changes colors: here it makes the pictures that the others have.
    loader.dataset.transform = transforms.Compose([crop, transforms.RandomHorizontalFlip(), MaybePILToTensor()])
    meter, seen = AverageMeter(), 0
    while True:
        for number, (images, labels) in enumerate(loader):
            with task.autocast() if tuned else contextlib.nullcontext():
                loss = criterion(model(task.layout(images) if tuned else images), labels)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            seen += len(images)
            if number % 50 == 0:  # as often as train.py logs
                meter.update(loss.item(), len(images))
            task.clock.step()


def lightning(task: Task, *, tuned: bool) -> None:
    """Lightning's Trainer, without logger, bar and checkpoints; `tuned` with the precision and layout of ours."""
    import pytorch_lightning as pl

    class Classifier(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = task.network(channels_last=tuned and task.numerics.channels_last)

        def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
            images, labels = batch
            loss = F.cross_entropy(self.network(task.layout(images) if tuned else images), labels)
            self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return plain_sgd(self)

        def on_train_batch_end(self, *_: Any) -> None:
            task.clock.step()

    names = {"fp32": "32-true", "bf16": "bf16-mixed"}
    trainer = pl.Trainer(
        max_epochs=-1, accelerator=task.device.type, devices=1, logger=False, enable_progress_bar=False,
        enable_checkpointing=False, enable_model_summary=False,
        precision=names[task.numerics.precision] if tuned else "32-true",
    )  # fmt: skip
    trainer.fit(Classifier(), task.loader(usual_picture(task.data)))


LOOPS: dict[str, Callable[[Task], None]] = {
    "limit": limit,
    "convwright": partial(ours, augmentation=USUAL),
    "convwright, strong augmentation": partial(ours, augmentation=STRONG),
    "stock PyTorch": stock,
    "timm": partial(timm, tuned=False),
    "timm, our precision": partial(timm, tuned=True),
    "Lightning Trainer": partial(lightning, tuned=False),
    "Lightning Trainer, our precision": partial(lightning, tuned=True),
}


def num_workers() -> int:
    """Processes of a loader."""
    return min(len(os.sched_getaffinity(0)), 8)


def run(pipe: Connection, name: str, numerics: Numerics, model: str, data: str, batch_size: int, device: str) -> None:
    """One loop, until the clock ends it."""
    warnings.simplefilter("ignore")
    where = torch.device(device)
    task = Task(
        model=model, data=load_data(data), batch_size=batch_size, device=where, numerics=numerics,
        workers=num_workers(), clock=Clock(pipe, where),
    )  # fmt: skip
    try:
        with contextlib.suppress(Over):
            LOOPS[name](task)
    except Exception as error:  # a peer that fails is listed with its reason
        pipe.send(f"{type(error).__name__}: {str(error).partition(chr(10))[0][:120]}")


def choose(pipe: Connection, model: str, data: str, batch_size: int, device: str) -> None:
    """What convwright takes for precision="auto" here."""
    recipe = Recipe(steps=1, batch_size=batch_size)
    shape = load_data(data).image_shape
    pipe.send(choose_numerics(convwright.build(model), recipe, shape, torch.device(device)))
