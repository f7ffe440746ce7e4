"""The command line as a shell sees it: exit codes, messages, and what importing costs."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from convwright.cli.main import app, main

RUN = CliRunner()
HEAVY = ("torch", "torchvision", "numpy", "PIL", "timm")


def imported_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `code`."""
    script = f"{code}\nimport sys; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_importing_the_package_or_its_command_line_loads_nothing_heavy():
    assert not imported_by("import convwright") & {*HEAVY, "typer", "rich"}
    assert not imported_by("import convwright.cli.main") & set(HEAVY)


def test_the_package_is_lazy_but_complete():
    import convwright

    assert [name for name in dir(convwright) if not hasattr(convwright, name)] == []
    assert convwright.build("resnet20", device="meta").config.num_classes == 10
    with pytest.raises(AttributeError, match="no attribute 'biuld'"):
        _ = convwright.biuld


@pytest.mark.parametrize("arguments", [[], ["models"], ["demo"], ["new"], ["new", "layer"], ["new", "family"]])
def test_every_verb_has_help(arguments):
    result = RUN.invoke(app, [*arguments, "--help"])
    assert result.exit_code == 0
    assert len(result.output.split()) > 20


def test_version():
    assert RUN.invoke(app, ["--version"]).output.startswith("convwright 0.")


def test_an_error_is_one_sentence_and_exit_code_2(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["convwright", "models", "resnet_51"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: unknown model 'resnet_51'")
    assert "Traceback" not in err
