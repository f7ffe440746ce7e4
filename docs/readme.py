"""The blocks of the README, run as they are printed: `python docs/readme.py` writes what its commands print now.

A Python block that begins with `# NAME.py` is a file; other Python blocks run. The `$` lines of console blocks run in
one folder, one after another, in a terminal of 80 columns; `...` in their output stands for what differs between runs.
"""

import contextlib
import doctest
import io
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
COLUMNS = 80
BLOCK = re.compile(r"(?<=```)(python|console)\n(.*?)(?=```)", re.DOTALL)


def rerun(text: str, folder: Path) -> str:
    """Return the README `text` with what it counts and its blocks print now; files lie in `folder`."""
    with contextlib.chdir(folder), _terminal():
        return BLOCK.sub(lambda block: f"{block[1]}\n{_rerun_block(block[1], block[2])}", _counted(text))


def _counted(text: str) -> str:
    """The text with the numbers of rules, variants and families that there are."""
    from convwright.linter import all_rules
    from convwright.models import families, model_names

    text = re.sub(r"\d+ design rules", f"{len(all_rules())} design rules", text)
    return re.sub(r"\d+ variants of \d+ families", f"{len(model_names())} variants of {len(families())} families", text)


@contextlib.contextmanager
def _terminal() -> Iterator[None]:
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(COLUMNS)
    try:
        yield
    finally:
        os.environ.pop("COLUMNS")
        if before is not None:
            os.environ["COLUMNS"] = before


def _rerun_block(language: str, body: str) -> str:
    if language == "console":
        commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE)
        return "".join(f"$ {command}\n{_output(command, wanted)}" for command, wanted in commands)
    if name := re.match(r"# (\w+\.py)\n", body):
        Path(name[1]).write_text(body, encoding="utf-8")
    else:
        exec(compile(body, "README.md", "exec"), {"__name__": "__readme__"})  # noqa: S102
    return body


def _output(command: str, wanted: str) -> str:
    """What a command prints now, or `wanted` where that says the same with `...`."""
    got = printed(shlex.split(command, comments=True))
    is_same = doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS)
    return wanted if is_same and _is_error(wanted) == _is_error(got) else got


def _is_error(output: str) -> bool:
    return "error:" in output or "─ Error ─" in output  # ours, and typer's


def printed(words: list[str]) -> str:
    """Return what `convwright ...` prints, without the blanks at the ends of lines."""
    from convwright.cli.main import main

    if words[0] != "convwright":
        raise ValueError(f"the README can only run convwright, not {words[0]}")
    before, sys.argv = sys.argv, words
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), contextlib.suppress(SystemExit):
            main()
    finally:
        sys.argv = before
    return "".join(f"{line.rstrip()}\n" for line in output.getvalue().strip("\n").splitlines())


def main() -> None:
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        README.write_text(rerun(text, Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
