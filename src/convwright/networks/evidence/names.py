"""Names of a user's file, followed to the assignment, parameter, import or executed module that gives the value."""

import ast
import builtins
import copy
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from torch import nn

from ..reading.stand_in import HyperParameters, StandIn, is_missing
from .repository import Repository
from .settings_files import read_settings
from .source_file import Binding, Function, ScopeNode, SourceFile

_SHARED = (type, FunctionType, ModuleType, nn.Module, SourceFile)  # changed where they are, not copied


class Names:
    """Values of names. Where branches differ, the one whose condition holds counts, else the last.

    Parameters
    ----------
    repository : Repository
        The user's files.
    evaluate : callable
        Returns the value of an expression in a file, or raises LookupError.
    construct : callable
        Returns what a class makes without arguments, or raises LookupError.

    Attributes
    ----------
    places : list of str
        File and line of every assignment that was followed so far.
    """

    def __init__(
        self,
        repository: Repository,
        evaluate: Callable[[ast.expr, SourceFile], Any],
        construct: Callable[[Any], Any],
    ) -> None:
        self.repository, self.places = repository, list[str]()
        self._evaluate, self._construct = evaluate, construct
        self._known: dict[tuple[ast.stmt, str], tuple[Any, str]] = {}

    def name(self, name: str, node: ast.AST, source: SourceFile) -> Any:
        """Return the value of a name at `node`; raise LookupError if it is not known."""
        if name == "__name__":
            return "__main__"
        for scope in source.scopes(node):
            binding = self._last(name, node, scope, source)
            if isinstance(scope, ast.Module) and name in (source.namespace or {}):
                value = self._executed(name, binding, source)
                return self._changed(name, value, node, scope, source)
            if binding is not None:
                return self._changed(name, self.bound(binding, source), node, scope, source)
            if isinstance(scope, Function) and any(each.arg == name for each in parameters_of(scope)):
                return self._changed(name, self._parameter(name, scope, source), node, scope, source)
        return getattr(builtins, name) if hasattr(builtins, name) else self._starred(name, source)

    def _executed(self, name: str, binding: Binding | None, source: SourceFile) -> Any:
        """Return a name of a module that was executed; a block of it may have been left out, and counts too."""
        if binding is not None and isinstance(binding.node, ast.expr):
            if binding.statement not in source.tree.body:
                try:
                    return self.bound(binding, source)
                except LookupError:
                    pass
            self.places.append(source.place(binding.statement))
        return (source.namespace or {})[name]

    def module_name(self, name: str, source: SourceFile) -> Any:
        """Return what a name is in a module, for those that import it."""
        if name in (source.namespace or {}):
            return (source.namespace or {})[name]
        binding = self._last(name, None, source.tree, source)
        if binding is not None:
            return self._changed(name, self.bound(binding, source), None, source.tree, source)
        return self._starred(name, source)

    def _starred(self, name: str, source: SourceFile) -> Any:
        """Return a name that a module gets by `from module import *`."""
        for each in source.bindings(source.tree):
            if each.target == "*" and isinstance(each.statement, ast.ImportFrom):
                module = self.repository.module(each.statement.module or "", each.statement.level, source)
                try:
                    return self.attribute(self._found(module, name), name)
                except (LookupError, AttributeError):
                    continue
        raise LookupError(name)

    def attribute(self, owner: Any, attribute: str) -> Any:
        """Return an attribute of a value, or a name of a module that was only read."""
        if isinstance(owner, dict) and not hasattr(owner, attribute):
            return owner[attribute]
        if isinstance(owner, ModuleType) and not hasattr(owner, attribute):  # of a statement that was left out
            owner = self.repository.file(Path(owner.__file__ or ""))
        if not isinstance(owner, SourceFile):
            return getattr(owner, attribute)
        try:
            return self.module_name(attribute, owner)
        except LookupError:
            if owner.path.stem != "__init__":
                raise
            return self._found(self.repository.module(attribute, 1, owner), attribute)

    def assigned(self, target: str, node: ast.expr, source: SourceFile) -> Binding | None:
        """Return the assignment to a dotted name, such as `args.width` or `self.width`, that counts at `node`."""
        for scope in source.scopes(node):
            found = self._last(target, node, scope, source)
            if found is not None:
                return found
        kind = source.enclosing(node, ast.ClassDef)
        if target.startswith("self.") and isinstance(kind, ast.ClassDef):
            methods = [part for part in kind.body if isinstance(part, Function)]
            inside = [each for method in methods for each in source.bindings(method) if each.target == target]
            return next((each for each in inside if isinstance(each.node, ast.expr)), None)
        return None

    def _last(self, target: str, node: ast.AST | None, scope: ScopeNode, source: SourceFile) -> Binding | None:
        """Return the last binding of a name before `node` whose conditions are not known to fail."""
        found = [each for each in source.bindings(scope) if each.target == target]
        if node is not None and source.scopes(node)[:1] == [scope]:
            found = [each for each in found if _is_before(each.statement, node)]
        return next((each for each in reversed(found) if self._may_run(each.statement, source)), None)

    def _may_run(self, statement: ast.stmt, source: SourceFile) -> bool:
        """Return False if the statement is in a branch whose condition is known to fail."""
        inside: ast.AST = statement
        for around in source.around(statement):
            if isinstance(around, ScopeNode):
                break
            if isinstance(around, ast.If):
                try:
                    if bool(self._evaluate(around.test, source)) != (inside in around.body):
                        return False
                except LookupError:
                    pass  # either branch
            inside = around
        return True

    def bound(self, binding: Binding, source: SourceFile) -> Any:
        """Return the value that a binding gives its target."""
        if isinstance(binding.node, ast.alias):
            return self._imported(binding.statement, binding.node, source)
        if isinstance(binding.node, ast.expr):
            self.places.append(source.place(binding.statement))
            if (binding.statement, binding.target) not in self._known:
                value = self._evaluate(binding.node, source)
                for index in binding.path:
                    value = next(islice(value, index, None))
                self._known[binding.statement, binding.target] = value, self.places[-1]
            value, place = self._known[binding.statement, binding.target]
            self.places.append(place)
            return value
        if isinstance(binding.node, Function | ast.ClassDef) and binding.statement in source.tree.body:
            return self.repository.execute(source)[binding.target]
        raise LookupError(binding.target)

    def _changed(self, name: str, value: Any, node: ast.AST | None, scope: ScopeNode, source: SourceFile) -> Any:
        """Return a value with the items and attributes that later lines assign, as in `args.width = 8`."""
        targets = {each.target for each in source.bindings(scope) if each.target.startswith((f"{name}.", f"{name}["))}
        is_plain = isinstance(value, dict | list) or (hasattr(value, "__dict__") and not isinstance(value, _SHARED))
        if not targets or not is_plain:
            return value
        value = copy.copy(value)
        for target in sorted(targets):
            binding = self._last(target, node, scope, source)
            changed = ast.parse(target, mode="eval").body
            try:
                if binding is None:
                    continue
                if isinstance(changed, ast.Attribute):
                    _set_attribute(value, target.split(".")[1:], self.bound(binding, source))
                elif isinstance(changed, ast.Subscript) and isinstance(changed.value, ast.Name):
                    value[ast.literal_eval(changed.slice)] = self.bound(binding, source)
            except (LookupError, AttributeError, TypeError, ValueError):
                continue  # of a value that is not known, or of a kind that takes none
        return value

    def _parameter(self, name: str, function: Function, source: SourceFile) -> Any:
        """Return an argument of a function: as a call in its file gives it, else the default."""
        kind = source.parents.get(function)
        called = kind.name if isinstance(kind, ast.ClassDef) and function.name == "__init__" else function.name
        is_method = isinstance(kind, ast.ClassDef)
        positional = [each.arg for each in (*function.args.posonlyargs, *function.args.args)][is_method:]
        for call in source.calls:
            if name_of(call.func) != called:
                continue
            given = {each.arg: each.value for each in call.keywords}
            given |= dict(zip(positional, call.args, strict=False))
            if name in given and not any(isinstance(each, ast.Starred) for each in call.args):
                try:
                    return self._evaluate(given[name], source)
                except LookupError:
                    continue
        config = self._hydra_config(function, source)
        if config is not None:
            return config
        default = default_of(name, function)
        if default is not None:
            return self._evaluate(default, source)
        annotation = next(each.annotation for each in parameters_of(function) if each.arg == name)
        said: Any = self._evaluate(annotation, source) if annotation is not None else int
        if getattr(said, "__module__", "") == "builtins":  # `int` says nothing of a number
            raise LookupError(name)
        return self._construct(said)

    def _hydra_config(self, function: Function, source: SourceFile) -> Any:
        """Return the settings that a decorator names by `config_path` and `config_name`; None without one."""
        for decorator in function.decorator_list:
            given = {each.arg: each.value for each in getattr(decorator, "keywords", ())}
            if "config_name" in given:
                folder = self._evaluate(given["config_path"], source) if "config_path" in given else ""
                name = str(self._evaluate(given["config_name"], source)).removesuffix(".yaml")
                return read_settings(Path(folder or "") / f"{name}.yaml", self.repository.data_folders(source))
        return None

    def definition(self, name: str, node: ast.AST, source: SourceFile) -> tuple[Function | None, SourceFile]:
        """Return the function that a name stands for, and its file, without executing it."""
        for scope in source.scopes(node):
            found = self._last(name, None, scope, source)
            if found is not None and isinstance(found.node, Function):
                return found.node, source
            if found is not None and isinstance(found.statement, ast.ImportFrom):
                statement = found.statement
                module = self.repository.module(statement.module or "", statement.level, source)
                if isinstance(module, SourceFile) and isinstance(found.node, ast.alias):
                    return self.definition(found.node.name, module.tree, module)
        return None, source

    def _imported(self, statement: ast.stmt, alias: ast.alias, source: SourceFile) -> Any:
        if isinstance(statement, ast.Import):
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            return self._found(self.repository.module(name, 0, source), name)
        assert isinstance(statement, ast.ImportFrom)  # noqa: S101 - the only other statement with an alias
        name = statement.module or ""
        owner = self.repository.module(name, statement.level, source)
        if owner is None and not statement.level and is_missing(name.partition(".")[0]):
            return StandIn(name.partition(".")[0], f"{name}.{alias.name}", source.place(statement))
        try:
            return self.attribute(self._found(owner, name), alias.name)
        except (LookupError, AttributeError):
            inner = f"{name}.{alias.name}".lstrip(".")
            return self._found(self.repository.module(inner, statement.level, source), inner)

    def _found(self, module: ModuleType | SourceFile | None, name: str) -> ModuleType | SourceFile:
        if module is None:
            raise LookupError(name)
        return module


def _set_attribute(value: Any, path: list[str], new: Any) -> None:
    """Set an attribute, `width` or `model.width`; the objects between are copied, and not changed."""
    for name in path[:-1]:
        inner = copy.copy(getattr(value, name))
        _set_attribute(value, [name], inner)
        value = inner
    if isinstance(value, HyperParameters):
        value[path[-1]] = new
    else:
        setattr(value, path[-1], new)


def parameters_of(function: Function) -> Iterator[ast.arg]:
    """Yield the parameters of a function that have a name of their own in a call."""
    yield from (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)


def name_of(called: ast.expr) -> str:
    """Return the last part of a dotted name.

    >>> name_of(ast.parse("models.Net", mode="eval").body)
    'Net'
    """
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def default_of(name: str, function: Function) -> ast.expr | None:
    """Return the default of a parameter; None without one."""
    positional = [*function.args.posonlyargs, *function.args.args]
    defaults = dict(zip([each.arg for each in reversed(positional)], reversed(function.args.defaults), strict=False))
    defaults |= {
        each.arg: default
        for each, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        if default
    }
    return defaults.get(name)


def _is_before(statement: ast.stmt, node: ast.AST) -> bool:
    line = getattr(node, "lineno", statement.lineno + 1)
    is_block = hasattr(statement, "body") and not isinstance(statement, Function | ast.ClassDef)
    return (statement.lineno if is_block else statement.end_lineno or 0) < line
