"""The files around a file."""

import json
import math

from convwright.networks.evidence.repository import Repository
from convwright.networks.evidence.source_file import SourceFile


def test_modules_and_files_around_a_file(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    for folder in ("nets", ".hidden", "venv", "env"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "inner.py").write_text("WIDTH = 3\n")
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    (tmp_path / "nets" / "net.py").write_text("")
    (tmp_path / "train.py").write_text("")
    cells = [
        {"cell_type": "markdown", "source": "# Training"},
        {"cell_type": "code", "source": ["!ls\n", "x = Net(3)"]},
    ]
    (tmp_path / "use.ipynb").write_text(json.dumps({"cells": cells}))
    main = SourceFile.read(tmp_path / "nets" / "net.py")
    repository = Repository(main)
    assert repository.others == [tmp_path / "nets" / "inner.py", tmp_path / "train.py", tmp_path / "use.ipynb"]
    notebook = repository.file(tmp_path / "use.ipynb")
    assert notebook.place(notebook.calls[1]) == f"{tmp_path}/use.ipynb cell 2 line 2"
    inner = repository.file(tmp_path / "nets" / "inner.py")
    assert repository.module("inner", 0, main) is repository.module("inner", 1, main) is inner
    assert repository.module("nets.inner", 0, main) is inner
    assert repository.module("train", 2, main) is repository.file(tmp_path / "train.py")
    assert repository.module("math", 0, main) is math
    assert repository.module("math", 1, main) is None
    assert repository.module("nowhere", 0, main) is None
    assert repository.file(tmp_path / "gone.py") is None
    assert repository.execute(inner) == {}


def test_an_installed_file_has_no_files_around_its_environment(tmp_path):
    package = tmp_path / "venv" / "site-packages" / "package"
    package.mkdir(parents=True)
    for path in (tmp_path / "pyproject.toml", tmp_path / "train.py", package / "net.py", package / "use.py"):
        path.write_text("")
    assert Repository(SourceFile.read(package / "net.py")).others == [package / "use.py"]
