"""`python -m convwright` is the command line."""

import subprocess
import sys


def test_it_is_the_command_line():
    said = subprocess.run([sys.executable, "-m", "convwright", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("convwright 0.")
