"""Usual values of parameters by their names."""

import re
from typing import Any

import torch
from torch import nn

_NUM = r"(n|num|nb|no|nr|number)_?(of_?)?"
_CHANNEL = r"(c|ch|chs|chn|chan|channels?|chns?|planes?|nc)"
_IN, _OUT = r"(in|input|img|image|src|inp|color|colour|x)", r"(out|output|target)"
_LAYERS = r"(layers?|blocks?|stages?|units?|repeats?|res_?blocks?|convs?|levels?|modules?)"
_SIZE = r"(size|res|resolution|shape|px|dims?|hw)"
_OR_TYPE = r"(_?(layer|fn|func|function|cls|type|class))?"
# Likely values by name; the first pattern that fits the whole name counts.
_BY_NAME: tuple[tuple[str, tuple[Any, ...]], ...] = (
    (rf"({_NUM})?(class|classes|labels?|cls|category|categories|targets?|outputs?)(_?num)?|n?cls", (10,)),
    (r"(out|output|label|target)_?(dim|dims|size|num)", (10,)),
    (rf"({_NUM})?({_IN}_?)?{_CHANNEL}|{_CHANNEL}_?in|c?inp?|nin|input_nc", (3, 64)),
    (rf"({_NUM})?{_OUT}_?{_CHANNEL}|{_CHANNEL}_?out|n?out", (16, 3)),
    (rf"({_IN}|crop|spatial)_?{_SIZE}|resolution|size", (224, (224, 224))),
    (r"h|height|w|img_?[hw]|image_?(height|width)", (224,)),
    (r"patch_?(size|px)?|window_?size", (16, 7)),
    (r"(kernel|filter|conv)_?(size|width)?|k_?s?|ksize", (3, [3, 3, 3, 3])),
    (r"strides?|padding|pad|dilation|groups|num_?groups|[spdg]|cardinality", (1, [1, 2, 2, 2])),
    (rf"{_NUM}heads?|n?heads?", (4,)),
    (r"mlp_ratio|expand(_?(ratio|factor))?|expansion|t", (4, 6)),
    (r"growth(_?rate)?", (12,)),
    (r"reduction(_?ratio)?|r|squeeze", (0.5, 4, 16)),
    (r".*drop.*|survival.*", (0.1,)),
    (r"(depth|width)_?mult.*|width_?factor|alpha|multiplier|gamma|.*_coefficient", (1.0,)),
    (r"widen(ing)?_?factor|(up)?scale(_?factor)?|upscale|factor|ratio", (2, 1.0)),
    (rf"(vocab|vocabulary|dict|dictionary)_?size|ntokens?|{_NUM}(tokens?|embeddings|words|vocab)", (1000,)),
    (r"(max_?)?(seq|sequence|context|block|text)_?(len|length|size)|.*max_?len(gth)?", (128,)),
    (r"(is|use|with|has|do|apply|add|enable|no)_.*|bias|pretrained|.*_?last|bilinear|residual", (False,)),
    (r"eps|epsilon|momentum|init_values?|.*_rate|lr", (1e-3,)),
    (rf"(act|activation|non_?linearity){_OR_TYPE}", (nn.ReLU, nn.ReLU(), "relu")),
    (rf"norm(alization)?{_OR_TYPE}", (nn.BatchNorm2d, "batch", "bn")),
    (r"device", ("cpu",)),
    (r"(\w*_)?dtype", (torch.float32,)),
    (rf"{_NUM}{_LAYERS}", (2, [2, 2, 2, 2])),
    (rf"{_LAYERS}|depths", ([2, 2, 2, 2], 2)),
    (r"depth|n", (2, [2, 2, 2, 2], 28, 20, 16, 18)),
    (r".*(dims|widths|channels|filters|features|planes|sizes)(_?list)?|cfgs?", (64, [16, 32, 64, 128])),
    (r".*(width|hidden|dim|embed|feature|filter|plane|unit|size|channel|ch|base|latent|nz|n[dg]f|model).*", (64,)),
)
_PATTERNS = tuple((re.compile(pattern), values) for pattern, values in _BY_NAME)


def likely_values(name: str) -> tuple[Any, ...]:
    """Return the usual values of a parameter of this name, the likeliest first; none of an unusual name.

    >>> likely_values("num_classes"), likely_values("_in_channels"), likely_values("question")
    ((10,), (3, 64), ())
    """
    plain = name.strip("_").lower()
    return next((values for pattern, values in _PATTERNS if pattern.fullmatch(plain)), ())
