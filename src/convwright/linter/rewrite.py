"""Change single expressions of a Python file; formatting and comments of all the rest stay as they are."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from ..errors import ConvwrightError


class SourceSpan(NamedTuple):
    """Place of an expression: lines from 1, columns in characters from 0, the end excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


# What becomes of a call; None removes the statement that assigns it.
Action = Callable[[cst.Call], cst.BaseExpression | None]


def rewrite(text: str, actions: Mapping[SourceSpan, Action]) -> str:
    """The file with each of these calls replaced.

    Raises
    ------
    ConvwrightError
        When there is no call at one of the places.
    """
    mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    rewriter = _Rewriter(actions)
    module = MetadataWrapper(_parsed(text)).visit(rewriter)
    if missing := [span for span in actions if span not in rewriter.done]:
        raise ConvwrightError(f"line {missing[0].line}", expected="the call that made the module", got="other code")
    try:
        return mark + (_with_nn(module).code if _needs_nn(text, module.code) else module.code)
    except SyntaxError as error:
        raise ConvwrightError(f"line {error.lineno} would be no Python", hint="edit by hand") from error


def calls_on(text: str, line: int) -> list[tuple[str, SourceSpan]]:
    """Every call whose name is on a line, with the last part of that name.

    >>> [(name, span.column) for name, span in calls_on("y = F.softmax(self.fc(x), dim=1)", 1)]
    [('fc', 14), ('softmax', 4)]
    """
    finder = _Finder(line)
    MetadataWrapper(_parsed(text)).visit(finder)
    return finder.found


def span_of(text: str, line: int, column: int, end_line: int, end_column: int) -> SourceSpan:
    """A span whose columns were counted in bytes, as the compiler does."""
    lines = re.split(r"\r\n|\r|\n", text)

    def characters(number: int, width: int) -> int:
        return len(lines[number - 1].encode()[:width].decode(errors="ignore")) if number <= len(lines) else width

    return SourceSpan(line, characters(line, column), end_line, characters(end_line, end_column))


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
            if written is None and found[1] not in defaults:
                raise ConvwrightError(f"`{code_of(call)}` has no argument {found[1]}", hint="edit by hand")
            if written is None:
                return repr(defaults[found[1]])
            stands_alone = code[: found.start()].rstrip()[-1:] in ("(", ",", "=") and code[found.end() :][:1] in (
                ",",
                ")",
            )
            return code_of(written.value) if stands_alone or _is_atom(written.value) else f"({code_of(written.value)})"

        return _expression(re.sub(r"{(\w+)}", text_of, code))

    return act


def feeding(code: str, is_function: Callable[[cst.BaseExpression], bool]) -> Action:
    """Put code in place of a functional call, `{input}` being its first argument or what its method is called on."""

    def act(call: cst.Call) -> cst.BaseExpression:
        receiver = call.func.value if isinstance(call.func, cst.Attribute) else None
        if receiver is not None and not is_function(receiver):
            given: cst.BaseExpression = receiver
        else:
            named = [argument for argument in call.args if argument.keyword and argument.keyword.value == "input"]
            first = (named or list(call.args))[0]
            if first.star:
                raise ConvwrightError(f"`{code_of(call)}` unpacks its arguments", hint="edit by hand")
            given = first.value
        text = code_of(given)
        return _expression(code.replace("{input}", text if _is_atom(given) or code == "{input}" else f"({text})"))

    return act


def code_of(node: cst.CSTNode) -> str:
    """The source of a node."""
    return cst.Module([]).code_for_node(node)


def _parsed(text: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise ConvwrightError(f"line {error.raw_line} cannot be parsed", hint="edit by hand") from error


def _expression(code: str) -> cst.BaseExpression:
    """The expression, in parentheses where it needs them to stand on several lines."""
    try:
        return cst.parse_expression(code)
    except cst.ParserSyntaxError:
        return cst.parse_expression(f"({code}\n)")


def _is_atom(node: cst.BaseExpression) -> bool:
    """Return True if an expression can be put anywhere as it is."""
    atoms = cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.BaseNumber | cst.BaseString | cst.List | cst.Dict
    return isinstance(node, atoms) or bool(node.lpar)


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider, ParentNodeProvider)

    def __init__(self, actions: Mapping[SourceSpan, Action]) -> None:
        super().__init__()
        self._actions = actions
        self.done: set[SourceSpan] = set()
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
        is_apart = isinstance(self.get_metadata(ParentNodeProvider, original_node), _DELIMITING)
        if _is_atom(new) or (is_apart and not isinstance(new, cst.NamedExpr)):
            return new
        return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign | cst.RemovalSentinel:
        # What is left of `x = F.relu(x)` without its call says nothing.
        is_idle = original_node.value is not updated_node.value and all(
            target.target.deep_equals(updated_node.value) for target in updated_node.targets
        )
        return cst.RemoveFromParent() if is_idle or updated_node.value in self._removed else updated_node

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign | cst.RemovalSentinel:
        del original_node
        return cst.RemoveFromParent() if updated_node.value in self._removed else updated_node


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, line: int) -> None:
        super().__init__()
        self._line = line
        self.found: list[tuple[str, SourceSpan]] = []

    def leave_Call(self, original_node: cst.Call) -> None:
        span = _span(self, original_node)
        func = original_node.func
        name = func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""
        # The line of the name that is called, as a chain of methods may start on an earlier one.
        named = _span(self, func.attr) if isinstance(func, cst.Attribute) else span
        if named.line == self._line:
            self.found.append((name, span))


def _span(visitor: cst.CSTVisitor | cst.CSTTransformer, node: cst.CSTNode) -> SourceSpan:
    position = visitor.get_metadata(PositionProvider, node)
    return SourceSpan(position.start.line, position.start.column, position.end.line, position.end.column)


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
    between = before[-1].comma if before else None
    apart = between.whitespace_after if isinstance(between, cst.Comma) else call.whitespace_before_args
    after = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    if isinstance(apart, cst.ParenthesizedWhitespace):  # one argument a line: a comment stays on its own
        rest = after.first_line if isinstance(after, cst.ParenthesizedWhitespace) else _NEWLINE
        apart = apart.with_changes(first_line=rest, empty_lines=[])
        after = after.with_changes(first_line=_NEWLINE) if isinstance(after, cst.ParenthesizedWhitespace) else after
    elif not before and apart.empty:
        apart = cst.SimpleWhitespace(" ")
    new = (
        new.with_changes(comma=last.comma.with_changes(whitespace_after=after))
        if isinstance(last.comma, cst.Comma)
        else new.with_changes(whitespace_after_arg=after)
    )
    last = last.with_changes(comma=cst.Comma(whitespace_after=apart), whitespace_after_arg=cst.SimpleWhitespace(""))
    return call.with_changes(args=[*before, last, new])


def _needs_nn(before: str, after: str) -> bool:
    """Return True if the name `nn` is used more than it was, and nothing binds it for the whole file."""

    def uses(text: str) -> int:
        return sum(isinstance(node, ast.Name) and node.id == "nn" for node in ast.walk(ast.parse(text)))

    if uses(after) <= uses(before):
        return False
    nodes = [node for part in ast.parse(before).body if not isinstance(part, _SCOPES) for node in ast.walk(part)]
    imported = (alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names)
    return all((alias.asname or alias.name) != "nn" for alias in imported) and not any(
        isinstance(node, ast.Name) and node.id == "nn" and isinstance(node.ctx, ast.Store) for node in nodes
    )


def _with_nn(module: cst.Module) -> cst.Module:
    """Import `nn` where torch is imported first: in a notebook, cells that install it may stand above."""
    body = module.body
    first = (at for at, part in enumerate(body) if _is_import(part) and re.search("(import|from) torch", code_of(part)))
    start = next(first, len(body))
    end = next((at for at in range(start, len(body)) if not _is_import(body[at])), len(body))
    if start == len(body):
        start = 0
    context = CodemodContext()
    AddImportsVisitor.add_needed_import(context, "torch", "nn")
    imports = AddImportsVisitor(context).transform_module(module.with_changes(body=body[start:end]))
    return imports.with_changes(body=[*body[:start], *imports.body, *body[end:]])


def _is_import(statement: cst.CSTNode) -> bool:
    parts = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    return any(isinstance(part, cst.Import | cst.ImportFrom) for part in parts)


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DELIMITING = (cst.Arg, cst.Assign, cst.AnnAssign, cst.Return, cst.Expr)
_NEWLINE = cst.TrailingWhitespace()
_TIGHT = cst.AssignEqual(whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace(""))
