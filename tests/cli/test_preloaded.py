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
