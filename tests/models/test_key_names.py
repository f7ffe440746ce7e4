"""Names of other libraries: tables that cover every layer and can be read both ways."""

import pytest
import torch
from torchvision import models as torchvision_models

from convwright.models import build, families, family_of
from convwright.models.key_names import translate
from reference.sampling import sampled
from reference.torchvision_twins import torchvision_twins


def translated(name, table):
    return translate(build(name, device="meta"), table)


@pytest.mark.parametrize("name", sampled(torchvision_twins(), 8))
def test_names_translate_both_ways(name):
    with torch.device("meta"):
        theirs = torchvision_models.get_model(name, weights=None).state_dict()
    tables = families()[family_of(name)].layouts.values()
    names = [table for table in (translated(name, t) for t in tables) if set(table.values()) == set(theirs)]
    assert len(names) == 1
    assert len(set(names[0].values())) == len(names[0])  # so that the table can be read backwards


def test_a_layer_without_a_row_is_an_error():
    with pytest.raises(LookupError, match="no row for stem"):
        translated("resnet18", {"head.linear": "fc"})


def test_the_published_files_of_densenet_have_older_names():
    table = families()["densenet"].layouts["torchvision (published files)"]
    name = translated("densenet121", table)["stages.stage2.block.layers.0.conv1.norm.weight"]
    assert name == "features.denseblock2.denselayer1.norm.1.weight"
