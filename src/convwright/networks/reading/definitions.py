"""Rules by which a statement of a user's file defines something, or does work and is left out.

A statement defines if all that it calls makes values: the file's own functions and classes whose bodies do so, modules
of any library, and functions of the libraries listed here. Calls are judged by the object that the name stands for when
the statement is reached, not by its spelling.
"""

import ast
import builtins
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from torch import nn

from .harmless_calls import (
    MODULE_METHODS,
    PATH_METHODS,
    WORKING_BUILTINS,
    is_making,
    is_named_work,
    reason_words,
)
from .left_out import reading_of
from .stand_in import StandIn

Scope = frozenset[str]

_VALUES = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset, super)
_DISPLAYS: dict[type, type] = {
    ast.JoinedStr: str,
    ast.List: list,
    ast.ListComp: list,
    ast.Dict: dict,
    ast.DictComp: dict,
    ast.Set: set,
    ast.Tuple: tuple,
}
_UNKNOWN = object()


class Definitions:
    """Rules for the statements of one module.

    Parameters
    ----------
    namespace : mapping of str to object
        Names of the module as far as it has run.
    is_header : bool
        True for defaults and bases, without which a function or class is lost: a library's function that is not listed
        counts as harmless unless its name says what it does.
    under_way : set of tuple
        Functions that are being judged, for those that call themselves.
    """

    def __init__(
        self,
        namespace: Mapping[str, Any],
        *,
        is_header: bool = False,
        under_way: frozenset[tuple[str, int]] = frozenset(),
    ) -> None:
        self.namespace = namespace
        self._is_header = is_header
        self._under_way = under_way

    def work(self, node: ast.AST, local: Scope = frozenset(), *, in_body: bool = False) -> str:
        """Return what running `node` does beyond defining, as a verb phrase; "" for a definition.

        Parameters
        ----------
        node : ast.AST
            Statement or expression; bodies of functions within it are not looked at.
        local : frozenset of str
            Names that are not those of the module.
        in_body : bool
            True in the body of a function, where names are not known yet, and printing is harmless.
        """
        parts = list(_evaluated(node))
        local |= {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)} - (
            frozenset() if in_body or not isinstance(node, ast.stmt) else _assigned(node)
        )
        for part in parts:
            reason = ""
            if isinstance(part, ast.Name):
                reason = "" if isinstance(part.ctx, ast.Store) else self._missing(part.id, local)
            elif isinstance(part, ast.AugAssign):
                reason = self.needs(part.target)
            elif isinstance(part, ast.Call):
                reason = self._call(part, local, in_body=in_body)
            elif isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load):
                reason = self._change(part, local)
            if reason:
                return reason
        return ""

    def needs(self, node: ast.AST) -> str:
        """Return "needs NAME, ..." if `node` reads a name that was left out, else ""."""
        names = (part.id for part in _evaluated(node) if isinstance(part, ast.Name))
        return next(filter(None, (self._missing(name, frozenset()) for name in names)), "")

    def resolve(self, node: ast.expr, local: Scope = frozenset()) -> Any:
        """Return the object that a dotted name stands for, or the stand-in that it belongs to."""
        match node:
            case ast.Name(id=name) if name not in local:
                return self.namespace.get(name, getattr(builtins, name, _UNKNOWN))
            case ast.Attribute(value=value, attr=attribute):
                owner = self.resolve(value, local)
                if isinstance(owner, StandIn | ModuleType | type):
                    return getattr(owner, attribute, _UNKNOWN)
                if owner is not _UNKNOWN:  # without running a property of it
                    return getattr(owner, "__dict__", {}).get(attribute, _UNKNOWN)
            case ast.Subscript(value=value) | ast.Call(func=value):
                owner = self.resolve(value, local)
                if isinstance(owner, StandIn) or (isinstance(node, ast.Subscript) and isinstance(owner, type)):
                    return owner
        return _UNKNOWN

    def _missing(self, name: str, local: Scope) -> str:
        reading = reading_of(self.namespace)
        if name in local or name in self.namespace or reading is None or name not in reading.names:
            return ""
        return reading.names[name].lack(name)

    def _change(self, target: ast.Attribute | ast.Subscript, local: Scope) -> str:
        """Return "changes NAME" for an assignment into a module of a library, or a class of one."""
        root: ast.expr = target
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        owner = self.resolve(root, local)
        is_library = isinstance(owner, type) and reading_of(_globals_of(owner)) is None
        return f"changes {ast.unparse(target)}" if isinstance(owner, ModuleType) or is_library else ""

    def _call(self, call: ast.Call, local: Scope, *, in_body: bool) -> str:
        target = self.resolve(call.func, local)
        text = ast.unparse(call.func)
        if isinstance(target, StandIn):
            return f"calls {text} of a package that is missing"
        if target is print:  # whatever a library (Ray's) has put in its place
            return "" if in_body else reason_words("print", text)
        if target is not _UNKNOWN:
            return self._object(target, text)
        name = text.rpartition(".")[2]
        if not isinstance(call.func, ast.Attribute):
            return "" if in_body else f"calls {text}"
        if text in ("sys.path.append", "sys.path.insert", "os.environ.get"):
            return ""
        kind = self._kind(call.func.value, local)
        if kind is None:
            harmless = not is_named_work(name)
        elif issubclass(kind, nn.Module) and name in MODULE_METHODS:
            harmless = True
        elif issubclass(kind, PurePath):
            harmless = name in PATH_METHODS
        else:
            method = getattr(kind, name, None)
            if isinstance(method, FunctionType) and reading_of(method.__globals__):
                return self._function(method)
            harmless = issubclass(kind, _VALUES) or is_making(kind.__module__, name)
        return "" if harmless else reason_words(name, text)

    def _kind(self, value: ast.expr, local: Scope) -> type | None:
        """Return the type of an expression, None where it is not seen."""
        if isinstance(value, ast.Constant):
            return type(value.value)
        if type(value) in _DISPLAYS:
            return _DISPLAYS[type(value)]
        if isinstance(value, ast.BinOp):
            return self._kind(value.left, local)
        if isinstance(value, ast.Call):
            target = self.resolve(value.func, local)
            if isinstance(target, type):
                return target
            # A method of a string gives a string; one of a module, such as eval, the module.
            inner = self._kind(value.func.value, local) if isinstance(value.func, ast.Attribute) else None
            return inner if inner is not None and issubclass(inner, str | nn.Module | PurePath) else None
        found = self.resolve(value, local)
        return None if found is _UNKNOWN or isinstance(found, ModuleType | type) else type(found)

    def _object(self, target: Any, text: str) -> str:
        """Return what calling `target` does beyond making a value."""
        name = text.rpartition(".")[2]
        if isinstance(target, partial):
            return self._object(target.func, text)
        if isinstance(target, MethodType):
            target = target.__func__
        if isinstance(target, FunctionType):
            target = inspect.unwrap(target)
            if reading_of(target.__globals__):
                return self._function(target)
        if isinstance(target, type):
            own = [getattr(target, method, None) for method in ("__new__", "__init__", "__post_init__")]
            users = [each for each in own if isinstance(each, FunctionType) and reading_of(each.__globals__)]
            reason = next(filter(None, map(self._function, users)), "")
            is_users = reading_of(_globals_of(target)) is not None
            if reason or is_users or issubclass(target, nn.Module | BaseException):
                return reason
        if isinstance(target, nn.Module):
            return "runs a network"
        module = str(getattr(target, "__module__", None) or type(target).__module__)
        if isinstance(target, BuiltinFunctionType) and isinstance(target.__self__, type):
            module = target.__self__.__module__
        own_name = getattr(target, "__name__", name)
        if module == "builtins":  # also what C code leaves without a module, such as torch.zeros
            return reason_words(own_name, text) if own_name in WORKING_BUILTINS or is_named_work(own_name) else ""
        is_harmless = is_making(module, own_name) or (self._is_header and not is_named_work(own_name))
        return "" if is_harmless else reason_words(own_name, text)

    def _function(self, function: FunctionType) -> str:
        """Return the work that the body of a function of the user's does."""
        reading, line = reading_of(function.__globals__), function.__code__.co_firstlineno
        node = reading.functions.get(line) if reading else None
        key = (function.__code__.co_filename, line)
        if node is None or key in self._under_way:
            return ""
        rules = Definitions(function.__globals__, under_way=self._under_way | {key})
        names = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
        names |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        for statement in node.body:
            reason = rules.work(statement, frozenset(names), in_body=True)
            if reason:
                return f"calls {function.__name__}, which {reason}"
        return ""


def bound_names(node: ast.stmt) -> set[str]:
    """Return the names of the module that a statement defines, were it run."""
    names = {getattr(node, "name", None)}
    for part in _evaluated(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(part.name)
        elif isinstance(part, ast.alias):
            names.add(part.asname or part.name.partition(".")[0])
    return {name for name in names if name}


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` and what is evaluated with it: not the bodies of functions."""
    yield node
    if isinstance(node, ast.Lambda):
        children: list[ast.AST] = [*node.args.defaults]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        children = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from _evaluated(child)


def _assigned(node: ast.stmt) -> frozenset[str]:
    """Return the names that a plain assignment binds: on its right side they are still those of before."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    is_plain = isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
    return frozenset(target.id for target in targets if is_plain and isinstance(target, ast.Name))


def _globals_of(kind: type) -> Mapping[str, Any]:
    """Return the namespace of the module that a class was defined in, as far as its functions tell."""
    return vars(sys.modules[kind.__module__]) if kind.__module__ in sys.modules else {}
