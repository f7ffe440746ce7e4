"""Functions that fetch, load, compile or set up a GPU, and what they do instead in a user's network.

They are the few through which all others go: every `pretrained=True` of torchvision ends in `load_state_dict_from_url`,
every one of timm in `load_pretrained`, every file of PyTorch weights in `torch.load`.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import torch
from torch import nn
from torch.nn.modules.module import _IncompatibleKeys

from .guard import NetworkGuard
from .unloaded_weights import UnloadedWeights

GuardedAnswer = Callable[..., Any]

_WEIGHTS = (".bin", ".ckpt", ".h5", ".msgpack", ".npz", ".onnx", ".pt", ".pth", ".safetensors")


def _name_of(source: object) -> str:
    """Return what a file or address of weights is called: "resnet18" for ".../resnet18-f37072fd.pth"."""
    name = Path(urlsplit(os.fspath(source) if isinstance(source, os.PathLike) else str(source)).path).name
    stem, _, digest = name.partition(".")[0].rpartition("-")
    return stem if len(digest) >= 8 and all(each in "0123456789abcdef" for each in digest) else name


def _from_url(guard: NetworkGuard, original: GuardedAnswer, url: str, *args: Any, **kwargs: Any) -> UnloadedWeights:
    del original, args, kwargs
    return guard.unloaded(_name_of(url))


def _load(guard: NetworkGuard, original: GuardedAnswer, f: Any, *args: Any, **kwargs: Any) -> Any:
    source = f if isinstance(f, str | os.PathLike) else getattr(f, "name", None)
    # What was saved into memory a moment ago is a copy of the user's own.
    return original(f, *args, **kwargs) if source is None else guard.unloaded(_name_of(source))


def _load_file(
    guard: NetworkGuard, original: GuardedAnswer, filename: Any, *args: Any, **kwargs: Any
) -> UnloadedWeights:
    del original, args, kwargs
    return guard.unloaded(_name_of(filename))


def _load_state_dict(
    guard: NetworkGuard,
    original: GuardedAnswer,
    module: nn.Module,
    state_dict: Any,
    strict: bool = True,
    assign: bool = False,
) -> Any:
    if isinstance(state_dict, UnloadedWeights):
        return _IncompatibleKeys([], [])
    if not guard.has_unloaded:
        return original(module, state_dict, strict=strict, assign=assign)
    try:  # a dictionary of what was left of weights that were not loaded
        return original(module, state_dict, strict=False, assign=assign)
    except (RuntimeError, TypeError):
        return _IncompatibleKeys([], [])


def _to(guard: NetworkGuard, original: GuardedAnswer, module: nn.Module, *args: Any, **kwargs: Any) -> Any:
    if not args or type(args[0]) is not int:  # a device by name is turned down tensor by tensor
        return original(module, *args, **kwargs)
    guard.note_device()
    return original(module, *args[1:], **kwargs) if args[1:] or kwargs else module


def _load_into(guard: NetworkGuard, original: GuardedAnswer, model: nn.Module, *args: Any, **kwargs: Any) -> None:
    del original, args, kwargs
    config = getattr(model, "pretrained_cfg", None) or {}
    guard.unloaded(config.get("architecture") or type(model).__name__)


def _load_ours(guard: NetworkGuard, original: GuardedAnswer, model: nn.Module, *args: Any, **kwargs: Any) -> nn.Module:
    del original, args
    guard.unloaded(kwargs["name"])
    return model


def _from_pretrained(
    guard: NetworkGuard, original: GuardedAnswer, cls: Any, name: Any, *args: Any, config: Any = None, **kwargs: Any
) -> Any:
    del original, kwargs
    config = config if config is not None else cls.config_class.from_pretrained(name)
    guard.unloaded(str(name))
    return cls(config, *args)


def _hub_file(guard: NetworkGuard, original: GuardedAnswer, repo_id: str, filename: str, **kwargs: Any) -> Any:
    try:
        return original(repo_id, filename, **{**kwargs, "local_files_only": True})
    except Exception as error:
        if filename.endswith(_WEIGHTS):
            return f"{repo_id}/{filename}"  # no file: who loads it gets what stands in for weights
        raise guard.refusal(f"{filename} of {repo_id}") from error


def _repository(guard: NetworkGuard, original: GuardedAnswer, github: str, *args: Any, **kwargs: Any) -> str:
    del original, args, kwargs
    repository, _, branch = github.partition(":")
    for each in [branch] if branch else ["main", "master"]:
        folder = Path(torch.hub.get_dir(), f"{repository}_{each}".replace("/", "_"))
        if folder.is_dir():
            return str(folder)
    raise guard.refusal(f"the repository {github}, which is not in {torch.hub.get_dir()}")


def _download(guard: NetworkGuard, original: GuardedAnswer, url: str, *args: Any, **kwargs: Any) -> None:
    del original, args, kwargs
    guard.note_download(_name_of(url))


def _retrieve(
    guard: NetworkGuard, original: GuardedAnswer, url: str, filename: Any = None, *args: Any, **kwargs: Any
) -> tuple[Any, dict[str, str]]:
    del original, args, kwargs
    guard.note_download(_name_of(url))
    return filename or _name_of(url), {}


def _without_gpu(answer: object) -> GuardedAnswer:
    """Return what answers while a network is built; a trace has one device, and asks for the real one."""

    def answered(guard: NetworkGuard, original: GuardedAnswer, *args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs) if guard.is_tracing else answer

    return answered


def _no_gpu(guard: NetworkGuard, original: GuardedAnswer, *args: Any, **kwargs: Any) -> Any:
    if guard.is_tracing:
        return original(*args, **kwargs)
    raise guard.refusal("a GPU")


def _as_written(guard: NetworkGuard, original: GuardedAnswer, called: Any = None, *args: Any, **kwargs: Any) -> Any:
    """Return a function or module as it is, for a trace looks into what is written; alone, a decorator that does so."""
    del guard, original, args
    called = kwargs.get("model", kwargs.get("obj", called))
    return (lambda each: each) if called is None else called


def _is_causal(
    guard: NetworkGuard, original: GuardedAnswer, mask: Any, is_causal: Any = None, size: Any = None
) -> bool:
    """Take the mask as it is: a trace has not its numbers."""
    return bool(is_causal) if guard.is_tracing else bool(original(mask, is_causal, size))


def _nothing(*_: Any, **__: Any) -> None:
    pass


_SET_UP = ("empty_cache", "init", "ipc_collect", "reset_peak_memory_stats", "set_device", "set_stream", "synchronize")
GUARDED_CALLS: Mapping[str, GuardedAnswer] = {
    "torch.hub:load_state_dict_from_url": _from_url,
    "torch.hub:download_url_to_file": _download,
    "torch.hub:_get_cache_or_reload": _repository,
    "torch.serialization:load": _load,
    "torch.nn.modules.module:Module.load_state_dict": _load_state_dict,
    "torch.nn.modules.module:Module.to": _to,
    "safetensors.torch:load_file": _load_file,
    "safetensors.torch:load_model": _load_into,
    "timm.models._builder:load_pretrained": _load_into,
    "timm.models._builder:load_custom_pretrained": _load_into,
    "timm.models._helpers:load_checkpoint": _load_into,
    "convwright.models.weights:load_weights": _load_ours,
    "huggingface_hub.file_download:hf_hub_download": _hub_file,
    "transformers.modeling_utils:PreTrainedModel.from_pretrained": _from_pretrained,
    "urllib.request:urlretrieve": _retrieve,
    "torch.cuda:is_available": _without_gpu(False),
    "torch.cuda:device_count": _without_gpu(0),
    "torch.cuda:current_device": _without_gpu(0),
    "torch.cuda:_lazy_init": _no_gpu,
    **{f"torch.cuda:{name}": _nothing for name in _SET_UP},
    "torch:compile": _as_written,
    "torch.nn.modules.transformer:_detect_is_causal_mask": _is_causal,
    "torch.jit._script:script": _as_written,
    "torch:set_default_device": _nothing,
    "torch:set_default_tensor_type": _nothing,
}
