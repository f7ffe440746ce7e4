"""Likely values of a parameter: from its name, its annotation, and what its function compares it with."""

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType, UnionType
from typing import Any

import torch
from torch import nn

from ..reading.stand_in import StandIn
from .module_parameters import is_module_type, may_pass_on
from .names import default_of, name_of
from .settings_search import settings_around
from .source_file import Function, SourceFile
from .usual_values import likely_values
from .values import Value, Values, makes_a_value

_WIDTHS = [16, 32, 64, 128]
_BY_TYPE: Mapping[Any, tuple[Any, ...]] = {
    int: (16,),
    float: (0.5,),
    bool: (False,),
    list: (_WIDTHS,),
    tuple: (tuple(_WIDTHS),),
    torch.device: (torch.device("cpu"),),
}
_ABSTRACT = ("collections.abc", "types", "typing")
_WITHOUT_HINT: tuple[Any, ...] = (16, [2, 2, 2, 2])
_MOST_BLOCKS = 4
_TENSOR = (1, 64)  # features of one input
# Pictures by the number of sizes that are taken from them.
_PICTURE = {1: (3, 224, 224), 2: (224, 224), 3: (3, 224, 224), 4: (1, 3, 224, 224)}
_NOTHING = inspect.Parameter.empty


class Guesses:
    """Likely values of the parameters of one class or function.

    Parameters
    ----------
    factory : callable
        The class or function.
    values : Values
        Values of the expressions around it.
    """

    def __init__(self, factory: Any, values: Values) -> None:
        self._factory, self._values, self._source = factory, values, values.repository.main
        self._namespace = self._source.namespace or {}
        self._node = _definition(factory, self._source)

    def of(self, parameter: inspect.Parameter) -> list[Value]:
        """Return likely values, the likeliest first; those that some line says have its place, others none."""
        equal = list(self._equal(parameter.name))
        # One number alone may be a special case; several, and texts, are a choice.
        is_choice = len(equal) > 1 or any(isinstance(each.value, str) for each in equal)
        settings = [*self._settings(parameter.name)]
        settings = settings or settings_around(self._node, parameter.name, self._values)
        said = [*settings, *self._namesakes(parameter.name), *self._looked_up(parameter.name, self._node)]
        said += self._package_default(parameter.name)
        said += equal if is_choice else []
        kind = _type_of(parameter.annotation)
        if kind is str and not said:  # a function of the file may know the choices of what it is passed
            said += self._looked_up(parameter.name, self._source.tree)
        said = [each for each in said if kind not in _BY_TYPE or _fits(each.value, kind)]
        if is_module_type(parameter.annotation):
            said = [each for each in said if isinstance(each.value, nn.Module)]
        if said:
            return said
        name = parameter.name
        is_named = any(isinstance(each, type | nn.Module) for each in likely_values(name))
        passing = [nn.Identity()] * (not is_named and may_pass_on(name, self._factory))
        plain = (*self._blocks(name), *passing, *self._tensors(name), *self._plain(parameter))
        return [*(Value(each, "") for each in plain), *equal]

    def of_unset(self, parameter: inspect.Parameter) -> list[Value]:
        """Return likely values of a parameter whose default is None or 0, other than these."""
        inner = [each for each in getattr(parameter.annotation, "__args__", ()) if each is not type(None)]
        kind = inner[0] if len(inner) == 1 else _NOTHING
        bare = parameter.replace(annotation=parameter.annotation if parameter.default == 0 else kind)
        values = [*self.of(bare), *(Value(each, "") for each in self._plain(bare))]
        return [each for each in values if each.value is not None and not (type(each.value) is int and not each.value)]

    def _package_default(self, name: str) -> Iterator[Value]:
        """Yield what a module of the file's package calls the default, such as `default_observer` for `observer`."""
        package = str(self._namespace.get("__name__", "")).partition(".")[0]
        for key, module in [*sys.modules.items()]:
            if key.partition(".")[0] == package and f"default_{name}" in vars(module):
                yield Value(vars(module)[f"default_{name}"], key)
                return

    def _plain(self, parameter: inspect.Parameter) -> tuple[Any, ...]:
        kind = _type_of(parameter.annotation)
        likely = likely_values(parameter.name)
        if kind in (None, list, tuple) and (rows := self._rows(parameter.name)):
            return rows if kind is None else tuple(map(kind, rows))
        if kind in _BY_TYPE:
            fitting = [each for each in likely if _fits(each, kind)]
            if not fitting and kind in (list, tuple):
                fitting = [*(kind([each] * 2) for each in likely), *_BY_TYPE[kind]]
            return tuple(fitting) or _BY_TYPE[kind]
        if _takes_none(parameter.annotation):
            return (None, *likely)
        if kind is str:
            return likely or (parameter.name,)  # such as a name, for which any does
        if is_module_type(kind):
            return tuple(each for each in likely if isinstance(each, nn.Module))
        if kind is None or kind.__module__ in _ABSTRACT:
            return likely or (_WITHOUT_HINT if kind is None else ())
        return _made(kind) or tuple(each for each in likely if isinstance(each, kind))

    def _rows(self, name: str) -> tuple[Any, ...]:
        """Return rows of numbers for a parameter that the body unpacks, spreads, or takes by place."""
        lengths, is_spread, is_counted, asserted = [0], False, False, len(_WIDTHS)
        for part in ast.walk(self._node) if self._node is not None else ():
            match part:
                case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Name(id=given)) if given == name:
                    lengths.append(len(names))
                case ast.Subscript(value=ast.Name(id=given), slice=ast.Constant(value=int(place))) if given == name:
                    lengths.append(place + 1)
                case ast.Subscript(value=ast.Name(id=given), slice=ast.Slice() | ast.UnaryOp()) if given == name:
                    is_counted = True
                case ast.Starred(value=ast.Name(id=given)) if given == name:
                    is_spread = True
                case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=given)]) if given == name:
                    is_counted = True
                case ast.Assert(
                    test=ast.Compare(
                        left=ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=given)]),
                        ops=[ast.Eq()],
                        comparators=[ast.Constant(value=int(length))],
                    )
                ) if given == name:
                    asserted = length
                case ast.For(iter=ast.Name(id=given)) | ast.comprehension(iter=ast.Name(id=given)) if given == name:
                    is_counted = True
        widths = _WIDTHS[:asserted] or _WIDTHS
        if max(lengths):
            sizes = [each for each in likely_values(name) if type(each) is int]
            pairs: list[tuple[int, ...]] = (
                [(sizes[0], sizes[0])] if sizes and max(lengths) == 2 else []
            )  # such as a window of 7x7
            rows = [*(pairs or [_PICTURE[max(lengths)]] * (max(lengths) in _PICTURE)), widths]
            return tuple(reversed(rows) if is_counted else rows)
        return (widths,) if is_counted else (_PICTURE[3],) if is_spread else ()

    def _blocks(self, name: str) -> Iterator[type[nn.Module]]:
        """Yield the file's classes that may be the block that a network is made of."""
        if not re.fullmatch(r".*(block|bottleneck|unit|cell)(_?(type|class|cls|fn))?|.*_?block", name.lower()):
            return
        own = [
            value
            for value in self._namespace.values()
            if isinstance(value, type) and issubclass(value, nn.Module) and value is not self._factory
            if value.__module__ == self._namespace.get("__name__")
        ]
        own.sort(key=lambda kind: not re.search("block|bottleneck|unit|cell|layer", kind.__name__.lower()))
        yield from own[:_MOST_BLOCKS]

    def _tensors(self, name: str) -> Iterator[torch.Tensor]:
        """Yield a tensor for a parameter that becomes a buffer or parameter of the module."""
        for part in ast.walk(self._node) if self._node is not None else ():
            match part:
                case ast.Call(func=called, args=[*_, ast.Name(id=given)]) if given == name:
                    if name_of(called) in ("register_buffer", "register_parameter", "Parameter"):
                        yield torch.ones(_TENSOR)
                        return

    def _settings(self, name: str) -> Iterator[Value]:
        """Yield the file's objects that have every attribute that the body reads of a parameter: its settings."""
        read = {
            part.attr
            for part in ast.walk(self._node or ast.Pass())
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == name
        }
        for key, value in self._namespace.items() if read else ():
            if key.startswith("__") or isinstance(value, StandIn | ModuleType | nn.Module):
                continue
            if isinstance(value, type):
                is_own = value.__module__ == self._namespace.get("__name__") and not issubclass(value, nn.Module)
                value = next(iter(_made(value)), None) if is_own else None
            if value is not None and all(hasattr(value, each) for each in read):
                bound = [each for each in self._source.bindings(self._source.tree) if each.target == key]
                yield Value(value, self._source.place(bound[-1].statement) if bound else "")

    def _equal(self, name: str) -> Iterator[Value]:
        """Yield the values that the body compares a parameter with."""
        for part in ast.walk(self._node) if self._node is not None else ():
            match part:
                case ast.Compare(left=ast.Name(id=left), ops=[ast.Eq()], comparators=[other]) if left == name:
                    found = self._values.of(other, self._source)
                    if found is not None and not isinstance(found.value, bool | None):
                        yield found

    def _looked_up(self, name: str, node: ast.AST | None) -> Iterator[Value]:
        """Yield the values among which a body looks a parameter up, as in `layers[depth]` or `depth in (18, 34)`."""
        for part in ast.walk(node) if node is not None else ():
            match part:
                case ast.Compare(left=ast.Name(id=left), ops=[ast.In() | ast.NotIn()], comparators=[table]):
                    key = left
                case ast.Subscript(value=table, slice=ast.Name(id=key)):
                    pass
                case _:
                    continue
            found = self._values.of(table, self._source) if key == name else None
            if found is not None and isinstance(found.value, dict | list | tuple | set):
                is_index = isinstance(part, ast.Subscript) and not isinstance(found.value, dict)
                keys = _public_functions(found.value) if isinstance(found.value, dict) else found.value
                yield from (Value(each, found.place) for each in ([] if is_index else keys))

    def _namesakes(self, name: str) -> Iterator[Value]:
        """Yield the constant, the defaults of options, and those of parameters that have the same name."""
        constant = self._namespace.get(name.upper(), self._namespace.get(name, _NOTHING))
        if isinstance(constant, int | float | str | list | tuple | dict):
            bound = [each for each in self._source.bindings(self._source.tree) if each.target in (name.upper(), name)]
            yield Value(constant, self._source.place(bound[-1].statement) if bound else "")
        for node in ast.walk(self._source.tree):
            default = None
            if isinstance(node, ast.Call) and name_of(node.func) == "add_argument" and node.args:
                flag = str(node.args[-1].value if isinstance(node.args[-1], ast.Constant) else "")
                if flag.lstrip("-").replace("-", "_") == name:
                    default = next((each.value for each in node.keywords if each.arg == "default"), None)
            elif isinstance(node, Function):
                default = default_of(name, node)
            found = self._values.of(default, self._source) if default is not None else None
            if found is not None and found.value is not None:
                yield found


def _definition(factory: Any, source: SourceFile) -> Function | ast.ClassDef | None:
    """Return the function, or the initializer of the class, in its file."""
    for each in source.bindings(source.tree):
        if each.target != getattr(factory, "__name__", ""):
            continue
        if isinstance(each.node, ast.ClassDef):
            inner = [part for part in each.node.body if isinstance(part, Function) and part.name == "__init__"]
            return inner[0] if inner else None
        if isinstance(each.node, Function):
            return each.node
    return None


def _public_functions(table: Mapping[Any, Any]) -> Iterable[Any]:
    """Return the keys of a table; of a module's `__dict__`, from which networks are taken, its public functions."""
    if "__name__" not in table:
        return table
    public = table.get("__all__") or [name for name in table if not name.startswith("_")]
    return [name for name in public if isinstance(table.get(name), FunctionType)]


def _made(kind: type) -> tuple[Any, ...]:
    """Return an instance of a class of settings, all of which have defaults; nothing of one whose making does work."""
    if not makes_a_value(kind):
        return ()
    try:
        return (kind(),)
    except Exception:  # the user's own: one that cannot be made so is none
        return ()


def _type_of(annotation: Any) -> Any:
    """Return the plain type of an annotation; None if it does not say one."""
    if isinstance(annotation, str):  # from __future__ import annotations
        return {each.__name__: each for each in (*_BY_TYPE, str)}.get(annotation.partition("[")[0].lower())
    kind = getattr(annotation, "__origin__", annotation)
    if kind in (Sequence, Iterable):
        return list
    return kind if isinstance(kind, type) and kind is not _NOTHING and kind not in (type, object, UnionType) else None


def _takes_none(annotation: Any) -> bool:
    return type(None) in getattr(annotation, "__args__", ()) or str(annotation).startswith("Optional[")


def _fits(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float)
    if kind in (list, tuple):
        return isinstance(value, list | tuple)
    return kind not in _BY_TYPE or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool)))
