"""The modules that a look at a file needs are there, and no thread, before processes are forked."""

import subprocess
import sys

PROGRAM = """
import sys, threading
from convwright.cli import _preloaded
from convwright.linter.engine import all_rules
before = set(sys.modules)
all_rules()
print(sorted(set(sys.modules) - before), "sympy" in sys.modules, threading.active_count(), "nicegui" in sys.modules)
"""


def test_every_rule_is_there_and_no_thread():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "[] True 1 False\n"


SHARED = """
import sys, threading
from pathlib import Path
from convwright.cli._preloaded import import_shared
for number in range(4):
    Path(f"net{number}.py").write_text("import torch\\nimport torchvision" if number < 3 else "import torch")
import_shared([*(f"net{number}.py" for number in range(4)), "missing.py"])
print("torch._dynamo" in sys.modules, "torchvision" in sys.modules, threading.active_count())
"""


def test_what_many_files_import_is_there_and_no_thread(tmp_path):
    done = subprocess.run([sys.executable, "-c", SHARED], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "True False 1\n"
