"""Lines of a notebook that are for IPython."""

import pytest

from convwright.networks.reading.ipython import commented, get_ipython, original_line, python_lines

MAGIC = "__magic_line__()"


def read(text):
    lines = text.split("\n")
    statements = python_lines(lines)
    code = "\n".join(statements.get(i, line) for i, line in enumerate(lines))
    compile(code, "cell", "exec")
    return code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x = 1", "x = 1"),
        ("%matplotlib inline\nx = 7\\\n%4", f"{MAGIC}\nx = 7\\\n%4"),
        ("x = (7\n%4)\n%cd a b", f"x = (7\n%4)\n{MAGIC}"),
        ("if x:\n    !ls\n", f"if x:\n    {MAGIC}\n"),
        ("files = !ls *.png", f"files = {MAGIC}"),
        ("a, b[0] = %sql select 1", f"a, b[0] = {MAGIC}"),
        ("!pip install a \\\n  b\nx = 1", f"{MAGIC}\n\nx = 1"),
        ("!echo it's (\nx = '''\n%time\n'''", f"{MAGIC}\nx = '''\n%time\n'''"),
        ("nn.Conv2d?\n?nn.ReLU\nf??", f"{MAGIC}\n{MAGIC}\n{MAGIC}"),
        ("%time net, (a, *b) = f()", f"a = b = net = {MAGIC}"),
        ("%time f(", MAGIC),
        ("\n# first\n%%time\nx = 1\n!ls", f"\n# first\n{MAGIC}\nx = 1\n{MAGIC}"),
        ("%%bash\nls\nx=1", f"{MAGIC}\n\n"),
        ("%%writefile net.py\nclass Net: pass", f"{MAGIC}\n"),
        ("class Net:\n  x = = 3\ny: int = 2\nz == 1\nif y: z = 1", "\nNet = y = __broken_cell__()\n\n\n"),
        ("return 3", "__broken_cell__()"),
        ("x = '\ud800'", "x = __broken_cell__()"),
        ("x = 1\0", "x = __broken_cell__()"),
        ("", ""),
    ],
)
def test_lines_become_statements_on_the_same_lines(text, code):
    assert read(text) == code


@pytest.mark.parametrize(
    "line", ["%matplotlib inline", "  !echo \"a\\n\" # 'x'", "!cat ü\t\x0c\u2028\ud800", '# line "x"', ""]
)
@pytest.mark.parametrize("statement", ["", MAGIC, f"    x = {MAGIC}"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_line_itself_is_kept(line, statement, end):
    kept = commented(statement, line, "##") + end
    assert kept.count("\n") == end.count("\n")
    assert kept.rstrip("\r\n").isprintable()
    assert original_line(kept, "##") == line + end
    assert original_line(kept, "#") == kept


def test_the_shell_does_nothing():
    assert get_ipython().system("ls") is get_ipython().run_line_magic("cd", "..") is None
    assert "google.colab" not in str(get_ipython())
