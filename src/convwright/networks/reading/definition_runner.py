"""Run the statements of a module that define something, and note those that are left out."""

import __future__

import ast
import atexit
import importlib.util
import sys
from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from ...graph.places import place_at
from .definitions import Definitions, Scope, bound_names
from .import_cycle import cycle_words, running_imports
from .left_out import RAISES, LeftOut, ModuleReading, keep_reading, lacking, reading_of
from .notebook import is_notebook
from .stand_in import StandIn, StandInModule

_STAND_IN_BASE = "__convwright_missing_base__"
_DEVICE_METHODS = ("to", "cuda", "cpu")


class DefinitionRunner:
    """Runs a module statement by statement.

    Parameters
    ----------
    tree : ast.Module
        The module; the runner changes it.
    file : str
        Its path.
    lines : sequence of str
        Its lines.
    namespace : dict
        Namespace to run it in.
    note : callable
        Called with every statement that is left out.
    """

    def __init__(
        self,
        tree: ast.Module,
        *,
        file: str,
        lines: Sequence[str],
        namespace: dict[str, Any],
        note: Callable[[LeftOut], None],
    ) -> None:
        self._tree, self._file, self._lines, self._namespace, self._note = tree, file, lines, namespace, note
        functions = [part for part in ast.walk(tree) if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
        by_line = {min([f.lineno, *(each.lineno for each in f.decorator_list)]): f for f in functions}
        self._reading = ModuleReading(file=file, functions=by_line)
        self._rules, self._header_rules = Definitions(namespace), Definitions(namespace, is_header=True)
        self._flags = 0
        self._imports_may_fail = False
        self._is_tried = False

    def run(self) -> None:
        """Run the definitions of the module."""
        keep_reading(self._namespace, self._reading)
        self._namespace[_STAND_IN_BASE] = StandInModule
        self._namespace.setdefault("__annotations__", {})
        docstring = ast.get_docstring(self._tree, clean=False)
        if docstring is not None:
            self._namespace["__doc__"] = docstring
        for statement in self._tree.body:
            try:
                self._statement(statement)
            except Exception as error:
                if not is_notebook(self._file):
                    raise
                # In a notebook the cells below run all the same, and some ran before.
                self._leave_out(statement, f"raises {type(error).__name__}: {error}")

    def _statements(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.If():
                self._if(node)
            case ast.Try():
                self._try(node)
            case ast.ClassDef():
                self._class(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._drop_decorators(node)
                self._run_unless(self._reason_of_function(node), node)
            case ast.Assert() | ast.Raise():
                self._leave_out(node, "may raise")
            case ast.While():
                self._leave_out(node, "may loop forever")
            case ast.AsyncFor() | ast.AsyncWith() | ast.Match() | ast.TryStar():
                self._leave_out(node, "is not a definition")
            case _:
                self._without_devices(node)
                self._run_unless(self._rules.work(node), node)

    def _if(self, node: ast.If) -> None:
        is_main_part = isinstance(node.test, ast.Compare) and "__main__" in ast.unparse(node.test)
        if is_main_part and any(isinstance(each, ast.ClassDef) for each in node.body):
            self._statements(node.body)  # a script that defines its networks there
            return
        reason = self._rules.work(node.test)
        if reason:
            self._leave_out(node, reason)
            return
        try:
            branch = node.body if self._value(node.test) else node.orelse
        except Exception as error:
            self._raised(node, error)
            return
        self._statements(branch)

    def _run_unless(self, reason: str, node: ast.stmt) -> None:
        if reason:
            self._leave_out(node, reason)
            return
        try:
            self._execute(node)
        except Exception as error:
            self._raised(node, error)

    def _raised(self, node: ast.stmt, error: Exception) -> None:
        """Do without a definition that raises, unless it is in a `try` that may handle it."""
        if self._is_tried:
            raise error
        line = (self._file, node.lineno)
        words = cycle_words(error, [line, *running_imports()]) or str(error).strip().partition("\n")[0]
        name, entry = lacking(error)
        reason = f"{RAISES} {type(error).__name__}{f': {words}' if words else ''}"
        reason = entry.lack(name, from_elsewhere=True) if entry else reason
        decorators = getattr(node, "decorator_list", [])
        if decorators:  # such as that of a registry, which takes a name once
            self._leave_out(decorators[0], reason)
            decorators.clear()
            self._run_unless("", node)
        else:
            self._leave_out(node, reason)

    def _execute(self, node: ast.stmt) -> None:
        module = ast.Module([node], [])
        exec(compile(module, self._file, "exec", self._flags, dont_inherit=True), self._namespace)  # noqa: S102

    def _value(self, node: ast.expr) -> Any:
        code = compile(ast.Expression(node), self._file, "eval", self._flags, dont_inherit=True)
        return eval(code, self._namespace)  # noqa: S307 - an expression of the user's file that makes a value

    def _leave_out(self, node: ast.stmt | ast.expr, reason: str) -> None:
        place = place_at(self._file, node.lineno)
        text = self._lines[node.lineno - 1].strip()
        entry = LeftOut(file=place.shown_file, line=node.lineno, text=text, reason=reason, cell=place.cell)
        self._note(entry)
        if isinstance(node, ast.stmt):
            self._reading.names |= {name: entry for name in bound_names(node) if name not in self._namespace}

    def _without_devices(self, node: ast.stmt) -> None:
        """Take `.to(...)` and `.cuda()` off the end of what a statement evaluates."""
        while isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if not isinstance(called, ast.Attribute) or called.attr not in _DEVICE_METHODS:
                return
            self._leave_out(node.value, f"moves to a device (.{called.attr})")
            node.value = called.value

    def _reason_of_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, local: Scope = frozenset()) -> str:
        # A decorator defines, whatever it calls.
        reasons = [self._rules.needs(each) for each in node.decorator_list]
        reasons += [self._header_rules.work(each, local) for each in (node.args, node.returns) if each is not None]
        return next(filter(None, reasons), "")

    def _drop_decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        # What is to run at exit must not run at ours.
        decorators = [each for each in node.decorator_list if self._rules.resolve(each) is not atexit.register]
        node.decorator_list = [each for each in decorators if not self._is_missing(each)]

    def _is_missing(self, node: ast.expr) -> bool:
        return isinstance(self._rules.resolve(node), StandIn)

    def _class(self, node: ast.ClassDef) -> None:
        self._drop_decorators(node)
        present = [base for base in node.bases if not self._is_missing(base)]
        if len(present) < len(node.bases):
            kinds = map(self._rules.resolve, present)
            if not any(isinstance(kind, type) and issubclass(kind, nn.Module) for kind in kinds):
                present.insert(0, ast.copy_location(ast.Name(_STAND_IN_BASE, ast.Load()), node.bases[0]))
        node.bases = present
        node.keywords = [each for each in node.keywords if not self._is_missing(each.value)]
        local = frozenset(name for part in node.body for name in bound_names(part))
        kept: list[ast.stmt] = []
        reasons = [*map(self._rules.needs, node.decorator_list)]
        reasons += map(self._header_rules.work, (*node.bases, *node.keywords))
        for part in node.body:
            reason = ""
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                self._drop_decorators(part)
                reasons.append(self._reason_of_function(part, local))  # without a method it would be another class
            elif not isinstance(part, ast.ClassDef):
                reason = self._rules.work(part, local)
            if reason:
                self._leave_out(part, reason)
            else:
                kept.append(part)
        node.body = kept or [ast.copy_location(ast.Pass(), node)]
        self._run_unless(next(filter(None, reasons), ""), node)

    def _try(self, node: ast.Try) -> None:
        before, was_tried = self._imports_may_fail, self._is_tried
        self._is_tried = True
        # A handler that only raises again, or ends the program, is no way to do without the package.
        self._imports_may_fail = before or any(
            self._catches(handler, ImportError()) and not self._gives_up(handler) for handler in node.handlers
        )
        try:
            self._statements(node.body)
        except Exception as error:
            self._is_tried = was_tried
            handler = next((each for each in node.handlers if self._catches(each, error)), None)
            if handler is None:
                self._raised(node, error)
                return
            if handler.name:
                self._namespace[handler.name] = error
            self._statements(handler.body)
            self._namespace.pop(handler.name or "", None)
        else:
            self._is_tried = was_tried
            self._statements(node.orelse)
        finally:
            self._imports_may_fail, self._is_tried = before, was_tried
            self._statements(node.finalbody)

    def _catches(self, handler: ast.ExceptHandler, error: Exception) -> bool:
        return handler.type is None or (
            not self._rules.work(handler.type) and isinstance(error, self._value(handler.type))
        )

    def _gives_up(self, handler: ast.ExceptHandler) -> bool:
        last = handler.body[-1]
        return isinstance(last, ast.Raise) or (isinstance(last, ast.Expr) and bool(self._rules.work(last)))

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                self._flags |= getattr(__future__, alias.name).compiler_flag
        if self._imports_may_fail:
            self._execute(node)
            return
        for alias in node.names:
            part = ast.copy_location(type(node)(**{**vars(node), "names": [alias]}), node)
            try:
                self._execute(part)
            except ImportError as error:
                self._without(part, alias, error)
            except Exception as error:
                self._raised(part, error)
            if alias.name == "*" and isinstance(node, ast.ImportFrom):
                source = reading_of(vars(sys.modules.get(self._full_name(node), ast)))
                self._reading.names |= source.names if source else {}

    def _full_name(self, node: ast.ImportFrom) -> str:
        package, module = self._namespace["__package__"] or "", node.module or ""
        return importlib.util.resolve_name("." * node.level + module, package) if node.level else module

    def _without(self, node: ast.Import | ast.ImportFrom, alias: ast.alias, error: ImportError) -> None:
        """Do without an import that fails: another module's name that was left out, or a package that is missing."""
        module = node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
        full = self._full_name(node) if isinstance(node, ast.ImportFrom) else module
        found = sys.modules.get(full)  # None also where an import was forbidden
        source = reading_of(vars(found)) if found is not None else None
        bound = alias.asname or alias.name.partition(".")[0]
        if source is not None:
            if alias.name not in source.names:
                self._raised(node, error)
                return
            self._leave_out(node, source.names[alias.name].lack(alias.name, from_elsewhere=True))
            return
        if full != module or ((error.name or "").startswith(full.partition(".")[0] + ".") and _is_in_repository(full)):
            self._raised(node, error)
            return
        package = error.name or full
        place = str(place_at(self._file, node.lineno))
        name = f"{module}.{alias.name}" if isinstance(node, ast.ImportFrom) else bound
        if alias.name != "*":
            self._namespace[bound] = StandIn(package, name, place)
        self._leave_out(node, f"imports {package}, which is missing")


def _is_in_repository(name: str) -> bool:
    root = sys.modules.get(name.partition(".")[0])
    return root is not None and reading_of(vars(root)) is not None
