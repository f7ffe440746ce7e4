"""Change single expressions of a Python file; formatting and comments of all the rest stay as they are."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor
from libcst.metadata import MetadataWrapper, PositionProvider

from ..errors import ConvwrightError


class Span(NamedTuple):
    """Where an expression stands: lines from 1, columns in characters from 0, the end excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


# What becomes of a call; None removes the statement that assigns it.
Action = Callable[[cst.Call], cst.BaseExpression | None]


def rewrite(text: str, actions: Mapping[Span, Action]) -> str:
    """The file with each of these calls replaced.

    Raises
    ------
    ConvwrightError
        When there is no call at one of the places.
    """
    rewriter = _Rewriter(actions)
    module = MetadataWrapper(cst.parse_module(text)).visit(rewriter)
    if missing := [span for span in actions if span not in rewriter.done]:
        raise ConvwrightError(f"line {missing[0].line}", expected="the call that made the module", got="other code")
    return _with_nn(module).code if re.search(r"\bnn\.", module.code) else module.code


def calls_on(text: str, line: int) -> list[tuple[str, Span]]:
    """Every call that starts on a line, with the last part of the called name.

    >>> calls_on("y = F.softmax(self.fc(x), dim=1)", 1)
    [('fc', Span(line=1, column=14, end_line=1, end_column=24)), ('softmax', Span(line=1, column=4, ... end_column=32))]
    """
    finder = _Finder(line)
    MetadataWrapper(cst.parse_module(text)).visit(finder)
    return finder.found


def span_of(text: str, line: int, column: int, end_line: int, end_column: int) -> Span:
    """A span whose columns were counted in bytes, as the compiler does."""
    lines = text.splitlines() or [""]

    def characters(number: int, width: int) -> int:
        return len(lines[number - 1].encode()[:width].decode(errors="ignore")) if number <= len(lines) else width

    return Span(line, characters(line, column), end_line, characters(end_line, end_column))


def setting(values: Mapping[str, Any], names: Sequence[str]) -> Action:
    """Give a call these arguments; `names` are those of its parameters, in order."""

    def act(call: cst.Call) -> cst.Call:
        for name, value in values.items():
            call = _with_argument(call, name, cst.parse_expression(repr(value)), names)
        return call

    return act


def coding(code: str, names: Sequence[str], defaults: Mapping[str, Any]) -> Action:
    """Put the code of an edit in place of a call, `{old}` and the arguments' names filled in as they are written."""

    def act(call: cst.Call) -> cst.BaseExpression:
        def text_of(found: re.Match[str]) -> str:
            if found[1] == "old":
                return code_of(call)
            written = _argument(call, found[1], names)
            return repr(defaults.get(found[1])) if written is None else code_of(written.value)

        return cst.parse_expression(re.sub(r"{(\w+)}", text_of, code))

    return act


def feeding(code: str, is_function: Callable[[cst.BaseExpression], bool]) -> Action:
    """Put code in place of a functional call, `{input}` being its first argument or what its method is called on."""

    def act(call: cst.Call) -> cst.BaseExpression:
        receiver = call.func.value if isinstance(call.func, cst.Attribute) else None
        if receiver is not None and not is_function(receiver):
            given: cst.BaseExpression = receiver
        else:
            named = [argument for argument in call.args if argument.keyword and argument.keyword.value == "input"]
            given = (named or list(call.args))[0].value
        plain = isinstance(given, cst.Name | cst.Attribute | cst.Call | cst.Subscript) or bool(given.lpar)
        text = code_of(given)
        return cst.parse_expression(code.replace("{input}", text if plain or code == "{input}" else f"({text})"))

    return act


def code_of(node: cst.CSTNode) -> str:
    """The source of a node."""
    return cst.Module([]).code_for_node(node)


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, actions: Mapping[Span, Action]) -> None:
        super().__init__()
        self._actions = actions
        self.done: set[Span] = set()
        self._removed: set[cst.Call] = set()

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        span = _span(self, original_node)
        if span not in self._actions:
            return updated_node
        self.done.add(span)
        new = self._actions[span](updated_node)
        if new is None:
            self._removed.add(updated_node)
            return updated_node
        return new

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign | cst.RemovalSentinel:
        del original_node
        return cst.RemoveFromParent() if updated_node.value in self._removed else updated_node


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, line: int) -> None:
        super().__init__()
        self._line = line
        self.found: list[tuple[str, Span]] = []

    def leave_Call(self, original_node: cst.Call) -> None:
        span = _span(self, original_node)
        func = original_node.func
        name = func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""
        if span.line == self._line:
            self.found.append((name, span))


def _span(visitor: cst.CSTVisitor | cst.CSTTransformer, node: cst.CSTNode) -> Span:
    position = visitor.get_metadata(PositionProvider, node)
    return Span(position.start.line, position.start.column, position.end.line, position.end.column)


def _argument(call: cst.Call, name: str, names: Sequence[str]) -> cst.Arg | None:
    """The argument called `name`; None when it is left to its default."""
    for index, argument in enumerate(call.args):
        if argument.star:
            raise ConvwrightError(f"`{code_of(call)}` unpacks its arguments", hint=f"set {name} by hand")
        if argument.keyword.value == name if argument.keyword else index < len(names) and names[index] == name:
            return argument
    return None


def _with_argument(call: cst.Call, name: str, value: cst.BaseExpression, names: Sequence[str]) -> cst.Call:
    given = _argument(call, name, names)
    if given is not None:
        return call.with_changes(args=[each.with_changes(value=value) if each is given else each for each in call.args])
    new = cst.Arg(keyword=cst.Name(name), value=value, equal=_TIGHT)
    if not call.args:
        return call.with_changes(args=[new])
    *before, last = call.args
    # The new one ends the list as the last one did, and the last one is followed as those before it were.
    new = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    between = before[-1].comma if before else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    last = last.with_changes(comma=between, whitespace_after_arg=cst.SimpleWhitespace(""))
    return call.with_changes(args=[*before, last, new])


def _with_nn(module: cst.Module) -> cst.Module:
    """The module, with `nn` imported unless it is."""
    if re.search(r"^\s*(from torch import .*\bnn\b|import torch\.nn as nn\b)", module.code, re.MULTILINE):
        return module
    context = CodemodContext()
    AddImportsVisitor.add_needed_import(context, "torch", "nn")
    return AddImportsVisitor(context).transform_module(module)


_TIGHT = cst.AssignEqual(whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace(""))
