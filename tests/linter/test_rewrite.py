"""Single expressions change; every other character of the file stays."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.linter.rewrite import calls_on, code_of, coding, feeding, rewrite, setting, span_of

CONV = ["in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"]
DEFAULTS = {"stride": 1, "padding": 0, "bias": True}


def spans(text, name="Conv2d"):
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    for call in calls:
        if ast.unparse(call.func).split(".")[-1] == name:
            yield span_of(text, call.lineno, call.col_offset, call.end_lineno, call.end_col_offset)


def changed(text, action, name="Conv2d"):
    return rewrite(text, dict.fromkeys(spans(text, name), action))


def without_bias(text):
    return changed(text, setting({"bias": False}, CONV))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Conv2d(3, 8, 3)", "Conv2d(3, 8, 3, bias=False)"),
        ("Conv2d(3, 8, 3,)", "Conv2d(3, 8, 3, bias=False,)"),
        ("Conv2d(3,8,3)", "Conv2d(3,8,3,bias=False)"),
        ("Conv2d( 3, 8, 3 )", "Conv2d( 3, 8, 3, bias=False )"),
        ("Conv2d(width)", "Conv2d(width, bias=False)"),
        ("Conv2d()", "Conv2d(bias=False)"),
        ("Conv2d(3, 8, 3, bias = True)", "Conv2d(3, 8, 3, bias = False)"),
        ("Conv2d(3, 8, 3, 1, 0, 1, 1, flag)", "Conv2d(3, 8, 3, 1, 0, 1, 1, False)"),
        ("Conv2d(3, 8, 3, bias=flag, **more)", "Conv2d(3, 8, 3, bias=False, **more)"),
        ("(Conv2d(3, 8, 3))", "(Conv2d(3, 8, 3, bias=False))"),
        ("x['é漢😀'] = Conv2d(3, 8, 3)", "x['é漢😀'] = Conv2d(3, 8, 3, bias=False)"),
        ("Conv2d(\n    3,\n    8,\n    3,\n)", "Conv2d(\n    3,\n    8,\n    3,\n    bias=False,\n)"),
        ("Conv2d(\n    3,\n    8,\n    3\n)", "Conv2d(\n    3,\n    8,\n    3,\n    bias=False\n)"),
        ("Conv2d(\n    width\n)", "Conv2d(\n    width,\n    bias=False\n)"),
        ("Conv2d(3,\n       8, 3)", "Conv2d(3,\n       8, 3, bias=False)"),
        (
            "Conv2d(\n    3,  # in\n    8,  # out\n    3,  # size\n)",
            "Conv2d(\n    3,  # in\n    8,  # out\n    3,  # size\n    bias=False,\n)",
        ),
        (
            "Conv2d(\n    3,  # in\n    8,  # out\n    3  # size\n    # last\n)",
            "Conv2d(\n    3,  # in\n    8,  # out\n    3,  # size\n    bias=False\n    # last\n)",
        ),
        ("Conv2d(\n    3, 8, 3  # all\n)", "Conv2d(\n    3, 8, 3, bias=False  # all\n)"),
        (
            "if 1:\r\n\tx = Conv2d(\r\n\t\t3,\r\n\t\t8,\r\n\t)",
            "if 1:\r\n\tx = Conv2d(\r\n\t\t3,\r\n\t\t8,\r\n\t\tbias=False,\r\n\t)",
        ),
        ("\ufeffx = Conv2d(3)\r\n", "\ufeffx = Conv2d(3, bias=False)\r\n"),
        ("a = '\x0c'\n\x0c\nx = Conv2d(3)\n", "a = '\x0c'\n\x0c\nx = Conv2d(3, bias=False)\n"),
        ("x = [Conv2d(3), Conv2d(4)]", "x = [Conv2d(3, bias=False), Conv2d(4, bias=False)]"),
        ("Conv2d(f(Conv2d(3)), 4)", "Conv2d(f(Conv2d(3, bias=False)), 4, bias=False)"),
        ("x = Conv2d(3)  # why\n\n\n# end", "x = Conv2d(3, bias=False)  # why\n\n\n# end"),
    ],
)
def test_an_argument_is_set_in_the_style_of_the_call(before, after):
    body = before.removeprefix("\ufeff")
    mark = before[: len(before) - len(body)]
    assert rewrite(before, dict.fromkeys(spans(body), setting({"bias": False}, CONV))) == after
    assert mark in ("", "\ufeff")
    ast.parse(after.removeprefix("\ufeff"))


@pytest.mark.parametrize("text", ["Conv2d(*sizes)", "Conv2d(3, **more)", "Conv2d(3, *rest, groups=2)"])
def test_unpacked_arguments_are_refused(text):
    with pytest.raises(ConvwrightError, match="unpacks its arguments"):
        without_bias(text)


def test_what_would_be_no_python_is_refused():
    with pytest.raises(ConvwrightError, match="would be no Python"):
        without_bias("x = Conv2d(a for a in b)")


SPACE = st.sampled_from(["", " ", "  ", "\n    ", "\n\t", "  # why\n    ", "\n\n    # a, b=(\n    "])
ARGUMENT = st.sampled_from(["3", "width * 2", "kernel_size=(3,\n 3)", "stride=s[0]", "padding='same'", "f(x, y)[1]"])


@st.composite
def calls(draw):
    chosen = draw(st.lists(ARGUMENT, min_size=1, max_size=5, unique=True))
    chosen.sort(key=lambda text: text.split("(")[0].isidentifier() is False and "=" in text.split("(")[0])
    spaced = [draw(SPACE) + text + draw(SPACE) for text in chosen]
    comma = draw(st.sampled_from(["", "," + draw(SPACE)]))
    prefix = draw(st.sampled_from(["", "x = ", "s['é😀'] = "]))
    return f"{prefix}nn.Conv2d({','.join(spaced)}{comma}){draw(st.sampled_from(['', '  # end', chr(10)]))}"


@given(calls())
def test_the_new_keyword_is_all_that_changes(text):
    after = without_bias(text)
    tree = ast.parse(after)
    call = next(node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "nn.Conv2d")
    assert ast.unparse(call.keywords.pop()) == "bias=False"
    assert ast.dump(tree) == ast.dump(ast.parse(text))
    assert comments(after) == comments(text)


def comments(text):
    return sorted(line.partition("#")[2] for line in text.split("\n") if "#" in line)


@pytest.mark.parametrize(
    ("text", "code", "after"),
    [
        ("x = Conv2d(3, 8)", "nn.Sequential({old}, nn.ReLU())", "x = nn.Sequential(Conv2d(3, 8), nn.ReLU())"),
        ("x = Conv2d(a + b, 8)", "Linear({in_channels}, {in_channels} * 2)", "x = Linear(a + b, (a + b) * 2)"),
        ("x = Conv2d(3, out_channels=w)", "f({stride}, {out_channels} // 2)", "x = f(1, w // 2)"),
        ("x = Conv2d(3, 8) * 2", "{old} + 1", "x = (Conv2d(3, 8) + 1) * 2"),
        ("x = (m\n  .Conv2d(3, 8))", "{old}", "x = (m\n  .Conv2d(3, 8))"),
    ],
)
def test_templates(text, code, after):
    result = changed(text, coding(code, CONV, DEFAULTS))
    assert ast.dump(ast.parse(result.replace("from torch import nn\n\n", ""))) == ast.dump(ast.parse(after))


def test_a_template_with_an_argument_that_nobody_gives():
    with pytest.raises(ConvwrightError, match="no argument in_channels"):
        changed("x = Conv2d()", coding("f({in_channels})", CONV, DEFAULTS))


@pytest.mark.parametrize(
    ("text", "code", "after"),
    [
        ("y = F.softmax(x, dim=1)", "{input}", "y = x"),
        ("y = F.softmax(a + b, 1) * 2", "{input}", "y = (a + b) * 2"),
        ("return_ = F.softmax(a +\n  b, 1)", "{input}", "return_ = (a + b)"),
        ("y = (x\n  .relu()\n  .softmax(1))", "{input}", "y = (x.relu())"),
        ("y = (a + b).softmax(1)", "{input}.exp()", "y = (a + b).exp()"),
        ("y = F.softmax(dim=1, input=x[0])", "{input}.exp()", "y = x[0].exp()"),
        ("y = F.softmax(a if b else c, 1)", "{input}.exp()", "y = (a if b else c).exp()"),
    ],
)
def test_functional_calls(text, code, after):
    action = feeding(code, lambda node: getattr(node, "value", "") == "F")
    assert ast.dump(ast.parse(changed(text, action, "softmax"))) == ast.dump(ast.parse(after))


def test_a_functional_call_that_unpacks():
    with pytest.raises(ConvwrightError, match="unpacks"):
        changed("y = F.softmax(*pair)", feeding("{input}", lambda _: True), "softmax")


@pytest.mark.parametrize(
    ("header", "is_added"),
    [
        ("import torch\n", True),
        ("", True),
        ("import torch.nn.functional as F\n", True),
        ("from torch import nn as layers\n", True),
        ("def f():\n    from torch import nn\n", True),
        ("from torch import nn\n", False),
        ("from torch import (\n    Tensor,\n    nn,\n)\n", False),
        ("import torch.nn as nn\n", False),
        ("try:\n    from torch import nn\nexcept ImportError:\n    pass\n", False),
        ("import torch\nnn = torch.nn\n", False),
    ],
)
def test_nn_is_imported_where_it_is_needed(header, is_added):
    text = f"{header}x = Conv2d(3)\n"
    after = changed(text, coding("nn.Identity()", CONV, {}))
    added = after.replace(header, "", 1).replace("x = nn.Identity()", "")
    assert ("import" in added or "nn" in added) == is_added, after


@pytest.mark.parametrize(
    "text", ["import torch\nx = torch.nn.Conv2d(3)\n", "def f():\n  from torch import nn\n  nn.Conv2d(3)\n"]
)
def test_nn_is_not_imported_where_it_was_not_used(text):
    assert without_bias(text) == text.replace("(3)", "(3, bias=False)")


@pytest.mark.parametrize(
    "text",
    [
        "class A:\n    def f(self):\n        self.x = 1\n        self.y = Conv2d(3)  # gone\n",
        "class A:\n    def f(self):\n        self.x = 1\n        self.y: Module = Conv2d(3)\n",
    ],
)
def test_a_statement_is_removed(text):
    assert changed(text, lambda _: None) == "class A:\n    def f(self):\n        self.x = 1\n"


def test_the_only_statement_of_a_block_leaves_pass():
    assert ast.dump(ast.parse(changed("if a:\n    x = Conv2d(3)\n", lambda _: None))) == ast.dump(
        ast.parse("if a: pass")
    )


def test_other_code_at_the_place_is_an_error():
    with pytest.raises(ConvwrightError, match="line 1: expected the call that made the module"):
        rewrite("x = 1\n", dict.fromkeys(spans("x = Conv2d(3)"), lambda call: call))


def test_a_file_that_is_no_python():
    with pytest.raises(ConvwrightError, match="cannot be parsed"):
        rewrite("def f(:\n", {})


def test_calls_are_found_on_the_line_of_their_name():
    text = "y = (x\n  .relu()\n  .view(f(1), 2))\n"
    assert [name for name, _ in calls_on(text, 2)] == ["relu"]
    assert [name for name, _ in calls_on(text, 3)] == ["f", "view"]


def test_an_assignment_to_itself_is_left_out():
    text = "def forward(self, x):\n    x = self.pool(x)\n    x = F.relu(x)  # again\n    return x\n"
    ((_, span),) = calls_on(text, 3)
    kept = rewrite(text, {span: feeding("{input}", lambda node: code_of(node) == "F")})
    assert kept == "def forward(self, x):\n    x = self.pool(x)\n    return x\n"
