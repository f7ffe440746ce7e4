"""convwright: build, analyze, judge, train and transfer convolutional networks in PyTorch.

Importing this package is instant: each name below is loaded, with torch, the first time it is used.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "ConvwrightError": "convwright.errors",
    "Recipe": "convwright.training",
    "Study": "convwright.studies",
    "analyze": "convwright.reports",
    "build": "convwright.models",
    "compound": "convwright.models",
    "fix": "convwright.linter.fix_module",
    "lint": "convwright.reports.findings.printed",
    "load_data": "convwright.data",
    "model_names": "convwright.models",
    "run_study": "convwright.studies",
    "trace": "convwright.graph",
    "train": "convwright.training",
    "transfer": "convwright.transfer_learning",
}

__all__ = [
    "ConvwrightError",
    "Recipe",
    "Study",
    "__version__",
    "analyze",
    "build",
    "compound",
    "fix",
    "lint",
    "load_data",
    "model_names",
    "run_study",
    "trace",
    "train",
    "transfer",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'convwright' has no attribute {name!r}; it has {', '.join(sorted(_HOMES))}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
