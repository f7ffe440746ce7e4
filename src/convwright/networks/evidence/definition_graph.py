"""Graph of the classes and functions of a file: those that use others, and functions that return a module."""

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from types import FunctionType
from typing import Any, TypeVar

from torch import nn
from torch.nn.modules.loss import _Loss

from ..reading.definitions import Definitions
from .names import parameters_of
from .source_file import Function
from .values import Values

_NOT_NETWORKS = re.compile(r"(loss|criterion|metric|accuracy|optimizer|scheduler)(es|s)?$", re.IGNORECASE)
_TRANSFORMS = re.compile(r"transforms?$", re.IGNORECASE)
BUILDER = re.compile(r"(build|create|get|init|load|make)(_\w+)*_?(backbone|model|net|network)", re.IGNORECASE)
_TARGETS = re.compile(r"(y_?)?(targets?|labels?|gt|true|truth|ground_?truth)")
_PASSED_ON = ("to", "cuda", "cpu", "eval", "train", "float", "half", "double", "requires_grad_", "apply", "compile")
_NO_WORK = re.compile(r"\b(loads?|load\w*|from_pretrained|load\w*_url|hub)\b|calls (\w+\.)?warn\b")


class DefinitionGraph:
    """The module classes and the functions of a user's file.

    Parameters
    ----------
    values : Values
        Values of the file's expressions.

    Attributes
    ----------
    classes : dict of str to type
        Classes of the file that compute something: with a `forward`, and no loss; transforms if there is nothing else.
    functions : dict of str to function
        Functions of the file that return a module.
    tried : set of str
        Those of which nothing says so.
    """

    def __init__(self, values: Values) -> None:
        self._values, self._source = values, values.repository.main
        namespace = self._source.namespace or {}
        own = {
            name: value
            for name, value in namespace.items()
            if getattr(value, "__module__", None) == namespace.get("__name__")
            and getattr(value, "__name__", "") == name
        }
        classes = {name: value for name, value in own.items() if self._is_network(value)}
        # A transform is what a file has where it has nothing else.
        self.classes = {name: kind for name, kind in classes.items() if not _TRANSFORMS.search(name)} or classes
        functions = {name: value for name, value in own.items() if isinstance(value, FunctionType)}
        self._returning: dict[str, bool | None] = {}
        self.tried: set[str] = set()
        self.functions = {name: value for name, value in functions.items() if self._is_factory(name)}

    @cached_property
    def parts(self) -> set[str]:
        """Names of what others of the file are made of: used in a class, given to a call, a helper of a function."""
        inner: set[str] = set()
        for name in self.classes:
            inner |= self.uses(name) - {name}
        for statement in self._source.tree.body:
            if isinstance(statement, ast.Assign) and self._is_made(statement.targets[0]):
                inner |= self._given_away(statement)
        for call in self._source.calls:  # blocks that a network is told to use
            if isinstance(call.func, ast.Name) and call.func.id in self.classes:
                inner |= self._given_away(call) - {call.func.id}
        for name in self.functions:
            inner |= self._given_away(self._node(name)) - {name}
            helpers = (self.uses(name) - {name}) & self.functions.keys()
            inner |= {each for each in helpers if self._needs_arguments(each)}
        return inner | {name for name in self.functions if name.startswith("_")}

    @cached_property
    def blocks(self) -> set[str]:
        """Names that a class uses, bases included, that a parameter has as type or default, or that a call is given."""
        found: set[ast.AST] = set()
        for node in ast.walk(self._source.tree):
            match node:
                case ast.ClassDef(name=own):
                    found |= {part for part in ast.walk(node) if isinstance(part, ast.Name) and part.id != own}
                case ast.arguments():
                    found |= set(ast.walk(node))
                case ast.Call() if next(_computing(node), None) is not None:
                    found |= {*node.args, *(each.value for each in node.keywords)}
        return {each.id for each in found if isinstance(each, ast.Name)}

    def uses(self, name: str) -> set[str]:
        """Return the classes and functions that a class or function names in its body."""
        node = self._node(name)
        names = {part.id for part in _computing(node) if isinstance(part, ast.Name)} if node is not None else set()
        return names & (self.classes.keys() | self.functions.keys())

    def maker(self, name: str) -> str:
        """Return the class or function of the file that in the end makes what a function returns; else ""."""
        maker, passed = "", {name}
        while (name := self._called_for_return(name)) and name not in passed:
            maker = name
            passed.add(name)
        return maker

    def _called_for_return(self, name: str) -> str:
        function = self._node(name)
        returns = [part.value for part in _computing(function) if isinstance(part, ast.Return)] if function else []
        node = returns[-1] if returns else None
        if function and isinstance(node, ast.Name):
            bound = [each.node for each in self._source.bindings(function) if each.target == node.id]
            node = next((each for each in bound if isinstance(each, ast.Call)), None)
        called = node.func if isinstance(node, ast.Call) else None
        return called.id if isinstance(called, ast.Name) and self._node(called.id) is not None else ""

    def _given_away(self, node: ast.AST | None) -> set[str]:
        """Return the classes and functions that are given to a call, or called for one of its arguments."""
        found: set[str] = set()
        for part in _computing(node) if node is not None else ():
            if isinstance(part, ast.Call):
                for given in (*part.args, *(each.value for each in part.keywords)):
                    found |= {each.id for each in ast.walk(given) if isinstance(each, ast.Name)}
        return found & (self.classes.keys() | self.functions.keys())

    def _is_made(self, target: ast.expr) -> bool:
        """Return True for the name of a module that the file makes."""
        namespace = self._source.namespace or {}
        return isinstance(target, ast.Name) and isinstance(namespace.get(target.id), nn.Module)

    def _node(self, name: str) -> Function | ast.ClassDef | None:
        found = [each.node for each in self._source.bindings(self._source.tree) if each.target == name]
        return next((each for each in reversed(found) if isinstance(each, Function | ast.ClassDef)), None)

    def _needs_arguments(self, name: str) -> bool:
        node = self._node(name)
        return isinstance(node, Function) and len(list(parameters_of(node))) > len(node.args.defaults)

    def _is_network(self, kind: Any) -> bool:
        """Return True for a class that computes and is no loss; a base that leaves `forward` to others does not."""
        if not isinstance(kind, type) or not issubclass(kind, nn.Module) or issubclass(kind, _Loss):
            return False
        owner = next(each for each in kind.__mro__ if "forward" in vars(each))
        if owner is nn.Module or _NOT_NETWORKS.search(kind.__name__) or getattr(kind, "__abstractmethods__", None):
            return False
        node = self._node(owner.__name__)
        methods = node.body if isinstance(node, ast.ClassDef) else []
        forward = next((each for each in methods if isinstance(each, Function) and each.name == "forward"), None)
        if forward is None:
            return True
        body = [each for each in forward.body if not isinstance(each, ast.Expr | ast.Pass)]  # but for the docstring
        raises = len(body) == 1 and isinstance(body[0], ast.Raise)
        asks = any(_TARGETS.fullmatch(each.arg) for each in parameters_of(forward))
        is_loss = asks and not any("self." in ast.unparse(part) for part in forward.body)
        return bool(body) and not raises and not is_loss

    def _is_factory(self, name: str) -> bool:
        """Return True for a function that returns a module, or may: by its name, or to be tried without arguments."""
        node, returns = self._node(name), self._returns_module(name)
        may = BUILDER.match(name) or not self._needs_arguments(name)
        if returns is None and isinstance(node, Function) and may:
            self.tried.add(name)
        is_likely = returns or name in self.tried
        is_other = _NOT_NETWORKS.search(name) or _TRANSFORMS.search(name)
        return isinstance(node, Function) and is_likely and not is_other and not self._does_work(node)

    def _returns_module(self, name: str) -> bool | None:
        """Return True for a function that says or shows that it returns a module; None if nothing tells."""
        if name not in self._returning:
            self._returning[name] = False  # of one that calls itself
            function, node = (self._source.namespace or {}).get(name), self._node(name)
            returns = [part.value for part in _computing(node) if isinstance(part, ast.Return)] if node else []
            if isinstance(function, FunctionType) and isinstance(node, Function) and None not in returns and returns:
                found = [self._makes_module(each, node) for each in returns if each is not None]
                is_said = True in found or self._is_module_type(function.__annotations__.get("return"))
                self._returning[name] = False if False in found else is_said or None
        return self._returning[name]

    def _makes_module(self, node: ast.expr, function: Function, under_way: frozenset[str] = frozenset()) -> bool | None:
        """Return True for an expression that makes a module, False for one that does not; None if nothing tells."""
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                both = {self._makes_module(each, function, under_way) for each in (body, orelse)}
                return None if len(both) > 1 else both.pop()
            case ast.Call(func=ast.Attribute(value=owner, attr=attribute)) if attribute in _PASSED_ON:
                return self._makes_module(owner, function, under_way)
            case ast.Call(func=called):
                if isinstance(called, ast.Name) and isinstance(self._node(called.id), Function):
                    return self._returns_module(called.id)
                found = self._values.of(called, self._source)
                if found is None or not isinstance(found.value, type | FunctionType):
                    return None if found is None else False
                annotation = getattr(found.value, "__annotations__", {}).get("return")
                is_open = isinstance(found.value, FunctionType) and not isinstance(annotation, type | TypeVar | str)
                return None if is_open else self._is_module_type(annotation or found.value)
            case ast.Name(id=name) if name not in under_way and all(a.arg != name for a in parameters_of(function)):
                bound = [each for each in self._source.bindings(function) if each.target == name and not each.path]
                nodes = [each.node for each in bound if isinstance(each.node, ast.expr)]
                makes = {self._makes_module(each, function, under_way | {name}) for each in nodes}
                return True if True in makes else None if None in makes else False
        return False

    def _is_module_type(self, annotation: Any) -> bool:
        if isinstance(annotation, str):
            own = (self._source.namespace or {}).get(annotation)
            annotation = nn.Module if annotation in ("nn.Module", "torch.nn.Module") else own
        kind = annotation.__bound__ if isinstance(annotation, TypeVar) else annotation
        return isinstance(kind, type) and issubclass(kind, nn.Module) and not issubclass(kind, _Loss)

    def _does_work(self, node: Function) -> bool:
        """Return True for a function that does more than to build a network and to load its weights."""
        namespace = self._source.namespace or {}
        names = frozenset(
            {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
            | {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        )
        reasons = [Definitions(namespace).work(part, names, in_body=True) for part in node.body]
        # What a constructor does, building the class alone does too.
        return any(each and not _NO_WORK.search(each) and "calls __init__" not in each for each in reasons)


def _computing(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a definition but for its bases, annotations, and checks of a type."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "super"):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("bases", "annotation", "returns"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from _computing(part)
