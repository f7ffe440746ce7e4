"""Our layer names beside other libraries': a table of patterns a family, expanded over the model at hand.

A row says `ours: theirs`, both names of layers. In ours, `{stage}`, `{block}`, `{n}` stand for a number and
`{name}` for a word. Theirs may use the same, and what follows from where the layer stands:

==========  =================================================================
`{before}`  stage - 1
`{nth}`     block + 1
`{index}`   the block's number in the whole net, from 0; `{number}` from 1
`{part}`    the place of the layer's `residual` child, from 0; `{after}` from 1
`{leaf}`    the layer's number among all layers of the stages, from 0
==========  =================================================================

The first row that fits a layer is the one that counts.
"""

import re
from collections.abc import Iterator, Mapping

from torch import nn

_NUMBERS = ("stage", "block", "n")


def translate(model: nn.Module, table: Mapping[str, str]) -> dict[str, str]:
    """Every key of `model.state_dict()`, and its name in the library that `table` is about.

    Raises
    ------
    LookupError
        When the table has no row for a layer.

    Examples
    --------
    >>> from convwright.models import build, families
    >>> names = translate(build("resnet18", device="meta"), families()["resnet"].layouts["torchvision"])
    >>> names["stages.stage2.0.shortcut.conv.weight"]
    'layer2.0.downsample.0.weight'
    """
    rows = [(_pattern(ours), theirs) for ours, theirs in table.items()]
    places = dict(_places(model))
    names = {}
    for key in model.state_dict():
        layer, _, entry = key.rpartition(".")
        for pattern, theirs in rows:
            if found := pattern.fullmatch(layer):
                values = {k: int(v) if v.isdigit() else v for k, v in found.groupdict().items()}
                names[key] = f"{theirs.format(**values, **places.get(layer, {}))}.{entry}"
                break
        else:
            raise LookupError(f"no row for {layer}")
    return names


def _pattern(ours: str) -> re.Pattern[str]:
    literal = re.escape(ours).replace(r"\{", "{").replace(r"\}", "}")
    for name in _NUMBERS:
        literal = literal.replace(f"{{{name}}}", rf"(?P<{name}>\d+)")
    return re.compile(literal.replace("{name}", r"(?P<name>[a-z]+)"))


def _places(model: nn.Module) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield the path of each layer of the stages, and the numbers of its place."""
    blocks: dict[str, int] = {}
    leaf = 0
    for path, module in model.named_modules():
        found = re.match(r"stages\.stage(?P<stage>\d+)\.(?:block\.layers\.)?(?P<block>\d+|transition)", path)
        if not found or next(module.children(), None) is not None:
            continue
        index = blocks.setdefault(found.group(), len(blocks))
        place = {"leaf": leaf, "before": int(found["stage"]) - 1, "index": index, "number": index + 1}
        if found["block"].isdigit():
            place["nth"] = int(found["block"]) + 1
        if part := re.match(r"(?P<parent>.*\.residual)\.(?P<child>\w+)", path):
            children = [name for name, _ in model.get_submodule(part["parent"]).named_children()]
            place["part"] = children.index(part["child"])
            place["after"] = place["part"] + 1
        leaf += 1
        yield path, place
