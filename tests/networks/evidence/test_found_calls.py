"""Calls of a class, in its file and around it."""

from convwright.networks.building import values_of_file
from convwright.networks.evidence.found_calls import found_calls, is_used_in_a_class
from convwright.networks.reading.file_import import fresh_imports, load_file
from convwright.networks.reading.reader import file_reader


def test_calls_of_its_file_come_first_and_namesakes_are_passed_over(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "wild_net.py").write_text(
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self, width): ...\ndef f():\n    return Net(1)\n"
    )
    (tmp_path / "train_it.py").write_text("from wild_net import Net\nNet (2)\n")
    (tmp_path / "other.py").write_text("class Net: ...\nfrom math import nothing as wild_net\nNet()\n")
    (tmp_path / "apart.py").write_text("from somewhere import Net\nNet(3)\n")
    (tmp_path / "model.py").write_text(
        "import wild_net\nclass Model:\n    def __init__(self):\n        wild_net.Net(4)\n    def forward(self): ...\n"
    )
    file = str(tmp_path / "wild_net.py")
    with fresh_imports(), file_reader(file) as reader:
        module = load_file(file, reader)
        values = values_of_file(file, vars(module), reader)
        found = [(source.path.name, call.args[0].value) for call, source in found_calls(module.Net, values)]
        assert found == [("wild_net.py", 1), ("model.py", 4), ("train_it.py", 2)]
        assert is_used_in_a_class(module.Net, values)
        assert not is_used_in_a_class(module.f, values)


def test_calls_of_subclasses_count(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "wild_base.py").write_text(
        "from torch import nn\nclass Base(nn.Module):\n    def __init__(self, width): ...\n    def forward(self): ...\n"
    )
    (tmp_path / "wild_kinds.py").write_text(
        "from wild_base import Base\nclass Same(Base): ...\nSame(1)\n"
        "class Own(Base):\n    def __init__(self):\n        super().__init__(2)\n    def forward(self): ...\nOwn()\n"
    )
    file = str(tmp_path / "wild_base.py")
    with fresh_imports(), file_reader(file) as reader:
        module = load_file(file, reader)
        values = values_of_file(file, vars(module), reader)
        assert [call.args[0].value for call, _ in found_calls(module.Base, values)] == [1, 2]
        assert not is_used_in_a_class(module.Base, values)  # a subclass is no network that it is a part of
