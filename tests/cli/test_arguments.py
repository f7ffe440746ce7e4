"""What several verbs share: files written whole or not at all, and an end by Ctrl-C."""

import pytest
import typer

from convwright.cli._arguments import stoppable, write
from convwright.errors import ConvwrightError


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch, capsys):
    path = tmp_path / "report.txt"
    write("old", path)

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(ConvwrightError, match="No space left on device"):
        write("new", path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.txt"]
    assert "wrote" in capsys.readouterr().out


def test_ctrl_c_says_how_to_go_on(capsys):
    with pytest.raises(typer.Exit) as ended, stoppable("the same command goes on"):
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err == "\nstopped; the same command goes on\n"
