"""The value of an expression in a user's file, found without running the statement that it is part of."""

import ast
import contextlib
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePath
from types import FunctionType
from typing import Any

from ..reading.definitions import Definitions
from ..reading.stand_in import HyperParameters, StandIn
from .names import Names, name_of
from .operations import carry_out, unpacked
from .parsed_arguments import ParsedArguments, default_namespace
from .repository import Repository
from .settings_files import SUFFIXES, read_settings, text_of, with_attributes
from .source_file import Function, SourceFile

_DEEPEST = 60
_MOST_STEPS = 20_000
_MOST_ITEMS = 1_000_000
_CHANGING_BUILTINS = (delattr, dir, globals, locals, setattr, vars)  # change something, or look at our own frame
_CALLED = ast.parse("called()", mode="eval").body
Local = Mapping[str, Any]


@dataclass(frozen=True)
class Value:
    """A value that is known, and where it is from.

    Attributes
    ----------
    value : object
        The value.
    place : str
        File and line that say it: those of the expression, an assignment, `add_argument`, ...
    """

    value: Any
    place: str


@dataclass(frozen=True)
class OpenedFile:
    """Path of a file that the user's code opens."""

    path: str


def makes_a_value(target: Any) -> bool:
    """Return True if calling `target` does nothing beyond making a value."""
    return not Definitions({"called": target}).work(_CALLED)


class Values:
    """Values of the expressions of a repository's files.

    Names are followed through assignments, parameters, imports and the modules that were executed. A call is carried
    out only if it makes a value, by the rules by which statements of a file run; for any other function of the user's
    the expression that it returns is evaluated.

    Parameters
    ----------
    repository : Repository
        The user's files.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._names = Names(
            repository, lambda node, source: self._value(node, source, {}), lambda kind: self._made(kind, [], {})
        )
        self._under_way: list[ast.AST] = []
        self._steps = 0

    def of(self, node: ast.expr, source: SourceFile) -> Value | None:
        """Return the value of an expression where it stands in `source`; None if it is not known."""
        return self._known(lambda: self._value(node, source, {}), source.place(node))

    def of_name(self, name: str, source: SourceFile) -> Value | None:
        """Return the value that a name of the module has in the end; None if it is not known."""
        return self._known(lambda: self._names.module_name(name, source), source.place(source.tree))

    def _known(self, value: Callable[[], Any], place: str) -> Value | None:
        self._steps = 0
        self._names.places.clear()
        try:
            found = value()
        except LookupError:
            return None
        return Value(found, self._names.places[-1] if self._names.places else place)

    def _value(self, node: ast.expr, source: SourceFile, local: Local) -> Any:
        """Return the value of an expression; raise LookupError if it is not known."""
        value = self._value_or_stand_in(node, source, local)
        if isinstance(value, StandIn):
            raise LookupError(value)
        return value

    def _value_or_stand_in(self, node: ast.expr, source: SourceFile, local: Local) -> Any:
        self._steps += 1
        if node in self._under_way or len(self._under_way) > _DEEPEST or self._steps > _MOST_STEPS:
            raise LookupError(node)
        self._under_way.append(node)
        try:
            return self._evaluate(node, source, local)
        except LookupError:
            raise
        except (Exception, SystemExit) as error:  # whatever objects of the user's raise
            raise LookupError(node) from error
        finally:
            self._under_way.pop()

    def _evaluate(self, node: ast.expr, source: SourceFile, local: Local) -> Any:
        match node:
            case ast.Name(id=name):
                return local[name] if name in local else self._names.name(name, node, source)
            case ast.Attribute():
                return self._attribute(node, source, local)
            case ast.Call():
                return self._call(node, source, local)
            case ast.Lambda():
                return self._lambda(node, source)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, source, local)
            case ast.NamedExpr(value=inner):
                return self._value(inner, source, local)
        return carry_out(node, lambda part: self._value(part, source, local))

    def _attribute(self, node: ast.Attribute, source: SourceFile, local: Local) -> Any:
        assigned = self._names.assigned(ast.unparse(node), node, source)
        if assigned is not None:
            return self._names.bound(assigned, source)
        if name_of(node.value) == "FLAGS":
            return self._flag(node.attr, source)
        owner = self._value_or_stand_in(node.value, source, local)
        if isinstance(owner, ParsedArguments) and node.attr in owner.places:
            self._names.places.append(owner.places[node.attr])
        return self._names.attribute(owner, node.attr)

    def _flag(self, name: str, source: SourceFile) -> Any:
        """Return the default of a flag that the file defines: `DEFINE_integer("width", 8, "...")`."""
        for call in source.calls:
            is_definition = name_of(call.func).startswith("DEFINE_") and len(call.args) > 1
            if is_definition and self._value(call.args[0], source, {}) == name:
                value = self._value(call.args[1], source, {})
                self._names.places.append(source.place(call))
                return value
        raise LookupError(name)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, source: SourceFile, local: Local
    ) -> list[Any] | set[Any] | dict[Any, Any]:
        rounds = self._rounds(node.generators, source, local)
        if isinstance(node, ast.DictComp):
            return {self._value(node.key, source, each): self._value(node.value, source, each) for each in rounds}
        items = [self._value(node.elt, source, each) for each in rounds]
        return set(items) if isinstance(node, ast.SetComp) else items

    def _rounds(self, generators: Sequence[ast.comprehension], source: SourceFile, local: Local) -> Iterator[Local]:
        """Yield the names of each round of a comprehension."""
        if not generators:
            yield local
            return
        first, *others = generators
        for item in self._value(first.iter, source, local):
            names = {**local, **_unpacked_names(first.target, item)}
            if all(self._value(test, source, names) for test in first.ifs):
                yield from self._rounds(others, source, names)

    def _lambda(self, node: ast.Lambda, source: SourceFile) -> Any:
        namespace = dict(self.repository.execute(source))
        names = {part.id for part in ast.walk(node.body) if isinstance(part, ast.Name)}
        for name in names - namespace.keys() - {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}:
            namespace[name] = self._names.name(name, node, source)
        code = compile(ast.Expression(node), str(source.path), "eval", dont_inherit=True)
        return eval(code, namespace)  # noqa: S307 - makes a function, runs nothing

    # Calls

    def _call(self, node: ast.Call, source: SourceFile, local: Local) -> Any:
        called = name_of(node.func)
        if called in ("parse_args", "parse_known_args"):
            parsed = default_namespace(
                source, self._calls_beside(node, source), lambda part: self._value(part, source, {})
            )
            return (parsed, []) if called == "parse_known_args" else parsed
        if called in ("open", "read_text", "read"):
            return self._opened(node, source, local)
        args = list(unpacked(node.args, lambda part: self._value(part, source, local)))
        if "load" in called and args:
            path = str(args[0].path if isinstance(args[0], OpenedFile) else args[0])
            if path.endswith(SUFFIXES):
                return read_settings(path, self.repository.data_folders(source))
        keywords: dict[str, Any] = {}
        for each in node.keywords:
            value = self._value(each.value, source, local)
            keywords |= value if each.arg is None else {each.arg: value}
        target = self._target(node.func, source, local)
        if isinstance(node.func, ast.Attribute) and isinstance(getattr(target, "__self__", None), dict | list | set):
            target = getattr(copy.copy(target.__self__), node.func.attr)  # it may be changed
        if target is not None:
            try:
                return self._made(target, args, keywords)
            except LookupError:
                pass
        return self._returned(node.func, target, source)

    def _target(self, called: ast.expr, source: SourceFile, local: Local) -> Any:
        """Return what is called; None if it is not known."""
        try:
            return self._value_or_stand_in(called, source, local)
        except LookupError:
            if not isinstance(called, ast.Attribute):
                return None
        try:
            owner = self._value(called.value, source, local)
        except LookupError:
            return None
        # Of settings of a package that is missing, such as `clone()`.
        return partial(copy.copy, owner) if isinstance(owner, HyperParameters) else None

    def _made(self, target: Any, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """Return what a call gives, if all that it does is to make a value."""
        if isinstance(target, StandIn):  # such as EasyDict(settings), of a package that is missing
            contents = dict(*args, **keywords)
            return with_attributes(contents)
        if target is vars and len(args) == 1:
            return dict(vars(args[0]))
        is_refused = any(target is each for each in _CHANGING_BUILTINS) or not callable(target)
        if is_refused or not makes_a_value(target):
            raise LookupError(target)
        if any(hasattr(each, "__len__") and len(each) > _MOST_ITEMS for each in args):
            raise LookupError(target)
        try:
            return target(*args, **keywords)
        except (Exception, SystemExit) as error:
            raise LookupError(target) from error

    def _returned(self, called: ast.expr, target: Any, source: SourceFile) -> Any:
        """Return the value of the expression that a function of the user's ends on."""
        function, place = source.function(name_of(called)) if isinstance(called, ast.Name) else None, source
        if isinstance(target, FunctionType):
            found = self.repository.file(Path(target.__code__.co_filename))
            function, place = (found.function(target.__name__), found) if found else (None, source)
        if function is None and isinstance(called, ast.Name):
            function, place = self._names.definition(called.id, called, source)
        if function is None:
            raise LookupError(called)
        returns = [part for part in ast.walk(function) if isinstance(part, ast.Return) and part.value is not None]
        for each in reversed(returns):
            if place.enclosing(each, Function) is function and each.value is not None:  # type: ignore[arg-type]
                self._names.places.append(place.place(each))
                return self._value(each.value, place, {})
        raise LookupError(called)

    def _opened(self, node: ast.Call, source: SourceFile, local: Local) -> Any:
        """Return the path that `open` is called with, or the text that is read."""
        owner = None
        if isinstance(node.func, ast.Attribute):
            with contextlib.suppress(LookupError):
                owner = self._value(node.func.value, source, local)
        is_path = isinstance(owner, PurePath | OpenedFile)
        path = (
            owner.path
            if isinstance(owner, OpenedFile)
            else owner
            if is_path
            else self._value(node.args[0], source, local)
        )
        if name_of(node.func) == "open":
            return OpenedFile(str(path))
        return text_of(str(path), self.repository.data_folders(source))

    def _calls_beside(self, node: ast.Call, source: SourceFile) -> Iterator[ast.Call]:
        """Yield the calls of the function that `node` is in, then those of the module outside functions."""
        scope = source.scopes(node)[0]
        here = [call for call in source.calls if source.scopes(call)[0] is scope]
        return iter(here if any(name_of(call.func) == "add_argument" for call in here) else source.calls)


def _unpacked_names(target: ast.expr, value: Any) -> dict[str, Any]:
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, ast.Tuple | ast.List):
        values = list(islice(value, len(target.elts)))
        return {
            name: part
            for each, item in zip(target.elts, values, strict=True)
            for name, part in _unpacked_names(each, item).items()
        }
    raise LookupError(ast.unparse(target))
