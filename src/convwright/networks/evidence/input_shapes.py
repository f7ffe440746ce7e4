"""Inputs that a user's file names: tensors that it makes, sizes in calls, transforms, data sets and comments."""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch

from ...graph.places import place_at
from ..inputs.input_guess import InputGuess
from ..inputs.network_input import NetworkInput
from .names import name_of
from .source_file import Function, SourceFile
from .values import Values

# Facts of public data sets: channels, height and width of an image.
_DATA_SETS = {
    **dict.fromkeys(("MNIST", "FashionMNIST", "KMNIST", "QMNIST", "EMNIST"), (1, 28, 28)),
    **dict.fromkeys(("CIFAR10", "CIFAR100", "SVHN"), (3, 32, 32)),
    "STL10": (3, 96, 96),
    "USPS": (1, 16, 16),
    "Omniglot": (1, 105, 105),
}
_BY_TEXT = {name.lower(): name for name in _DATA_SETS}
_MAKERS = {"randn", "rand", "zeros", "ones", "empty", "randint", "full", "Tensor", "FloatTensor", "LongTensor"}
_SAME = {"to", "cuda", "cpu", "float", "half", "double", "type", "requires_grad_", "contiguous", "detach", "Variable"}
_WHOLE = {"randint", "LongTensor", "long", "int"}
_CROPS, _RESIZES = ("CenterCrop", "RandomCrop", "RandomResizedCrop"), ("Resize", "LongestMaxSize", "SmallestMaxSize")
_SIZE = re.compile(
    r"(img|image|input|in|crop)_?(size|shape|resolution|res|h|w|height|width)|(img|image|crop)_?dims?", re.IGNORECASE
)
_BATCH = r"(?:N|B|n|b|bs|batch\w*|-1|\?)"
_IN_WORDS = re.compile(rf"[(\[]\s*{_BATCH}\s*((?:,\s*\d+\s*){{1,4}})[)\]]")


class InputShapes:
    """Evidence of one file about the inputs of a network.

    Parameters
    ----------
    source : SourceFile
        The file.
    text : str
        Its text.
    values : Values
        Values of its expressions.
    names : collection of str
        Names of the network, of its class and of the function that builds it.
    parameters : sequence of str
        Names of the parameters of its forward that can be given by position.
    """

    def __init__(
        self, source: SourceFile, text: str, values: Values, names: Collection[str], parameters: Sequence[str] = ()
    ) -> None:
        self.source, self.text, self.values, self.names, self.parameters = source, text, values, names, parameters

    def guesses(self) -> Iterator[InputGuess]:
        """Yield the inputs that the file names, the strongest first."""
        for each in (self._of_calls, self._of_sizes, self._of_tensors, self._of_data, self._of_words):
            yield from each()

    def _of_calls(self) -> Iterator[InputGuess]:
        """Yield what is passed to this network, or beside it: `net(x)`, `summary(net, (3, 64, 64))`."""
        for call in self.source.calls:
            called = call.func
            target = called.value if isinstance(called, ast.Attribute) and called.attr == "forward" else called
            given = [*call.args, *(each.value for each in call.keywords)]
            if self._is_network(target):
                names = [*self.parameters, *[""] * len(call.args)]
                inputs = [self._tensors(each, name) for name, each in zip(names, call.args, strict=False)]
                inputs += [self._tensors(each.value, each.arg or "") for each in call.keywords]
                if inputs and all(inputs):
                    yield from self._certain(tuple(spec for each in inputs for spec in each), call)
            elif any(self._is_network(each) for each in given):
                shapes = [found for each in given for found in self._shapes(each)]
                if shapes:
                    yield from self._certain(tuple(shapes), call)

    def _certain(self, inputs: tuple[NetworkInput, ...], call: ast.Call) -> Iterator[InputGuess]:
        reason = f"{self.source.place(call)} gives it {' and '.join(_by(each.shape) for each in inputs)}"
        single = tuple(replace(each, shape=(1, *each.shape[1:])) for each in inputs)
        without_batch = tuple(replace(each, shape=(1, *each.shape)) for each in inputs)
        is_bare = name_of(call.func) not in _MAKERS and all(each.ndim == 3 and not each.dtype for each in inputs)
        if any(each.is_item and each.ndim == 3 for each in inputs):
            single, is_bare = inputs, False  # an image in a list has no batch
        for each in dict.fromkeys([without_batch] * is_bare + [single, inputs]):
            yield InputGuess(inputs=each, reason=reason, is_certain=True)

    def _of_sizes(self) -> Iterator[InputGuess]:
        """Yield sizes by name: `Net(img_size=64)`, `IMAGE_SIZE = 64`, `add_argument("--image-size", default=64)`."""
        for node in ast.walk(self.source.tree):
            for name, value in _named_values(node):
                if _SIZE.fullmatch(name):
                    shape = _image(self._value(value))
                    if shape:
                        reason = f"{self.source.place(value)} says {name} = {ast.unparse(value)}"
                        yield InputGuess.of_shape(shape, reason)

    def _of_tensors(self) -> Iterator[InputGuess]:
        """Yield tensors that the file makes for no call that is known, outside the code of modules."""
        for call in self.source.calls:
            around = self.source.enclosing(call, ast.ClassDef)
            made = self._tensor(call) if name_of(call.func) in _MAKERS and around is None else None
            if made is not None and made.ndim > 1:
                reason = f"{self.source.place(call)} makes {_by(made.shape)}"
                for shape in dict.fromkeys([(1, *made.shape[1:]), made.shape]):
                    yield InputGuess(inputs=(replace(made, shape=shape),), reason=reason, is_exact=True)

    def _of_data(self) -> Iterator[InputGuess]:
        """Yield images as the transforms and the data sets of the file make them."""
        sets = list(self._data_sets())
        channels = [shape[0] for shape, _ in sets] or [3]
        for names in (_CROPS, _RESIZES):
            for call in self.source.calls:
                if name_of(call.func) in names and call.args:
                    given = [self._value(each) for each in call.args[:2]]
                    size = given if len(given) == 2 and all(type(each) is int for each in given) else given[0]
                    shape = _image(size)
                    if shape:
                        reason = f"{self.source.place(call)} has {ast.unparse(call)}"
                        for count in dict.fromkeys(channels):
                            yield InputGuess.of_shape((1, count, *shape[2:]), reason)
        for shape, reason in sets:
            yield InputGuess.of_shape((1, *shape), reason)

    def _data_sets(self) -> Iterator[tuple[tuple[int, ...], str]]:
        seen = set()
        for node in ast.walk(self.source.tree):
            name = name_of(node) if isinstance(node, ast.Name | ast.Attribute) else ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = _BY_TEXT.get(re.sub("[-_]", "", node.value.rpartition("/")[2].lower()), "")
            if name in _DATA_SETS and name not in seen:
                seen.add(name)
                yield _DATA_SETS[name], f"{self.source.place(node)} names {name}"

    def _of_words(self) -> Iterator[InputGuess]:
        """Yield shapes in comments and docstrings, such as `(N, 3, 32, 32)`."""
        docstrings = {
            number
            for node in ast.walk(self.source.tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        for number, line in enumerate(self.text.splitlines(), 1):
            comment = line if number in docstrings else line.partition("#")[2]
            for found in _IN_WORDS.finditer(comment):
                shape = (1, *map(int, re.findall(r"\d+", found[1])))
                if 1 < len(shape) <= 5 and 0 not in shape:
                    reason = f"{place_at(str(self.source.path), number)} says {found[0].strip()}"
                    yield replace(InputGuess.of_shape(shape, reason), is_exact=True)

    def _is_network(self, node: ast.expr, under_way: frozenset[ast.expr] = frozenset()) -> bool:
        """Return True if an expression is this network: built here, or a name for what was."""
        if isinstance(node, ast.Name) and node.id in self.names:
            return True
        if isinstance(node, ast.Call):
            if name_of(node.func) in self.names:
                return True
            return (
                isinstance(node.func, ast.Attribute)
                and node.func.attr in {*_SAME, "eval", "train"}
                and self._is_network(node.func.value, under_way)
            )
        bound = self._bound(node)
        # Names may stand for each other, as where two networks change places.
        return bound is not None and bound not in under_way and self._is_network(bound, under_way | {bound})

    def _bound(self, node: ast.expr) -> ast.expr | None:
        """Return the expression that a name stands for; None if it has no single one."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return None
        text, line = ast.unparse(node), node.lineno
        for scope in self.source.scopes(node):
            found = [each for each in self.source.bindings(scope) if each.target == text and not each.path]
            before = [each for each in found if each.statement.lineno < line or not isinstance(scope, ast.Module)]
            for each in reversed(before):
                if isinstance(each.node, ast.expr) and each.statement.lineno != line:
                    return each.node
        return None

    def _tensor(self, node: ast.expr, name: str = "", depth: int = 0) -> NetworkInput | None:
        """Return the tensor that an expression makes; None for any other expression."""
        bound = self._bound(node)
        if bound is not None and depth < 5:
            return self._tensor(bound, name, depth + 1)
        if not isinstance(node, ast.Call):
            return None
        called = name_of(node.func)
        if called in _MAKERS:
            shape = self._made_shape(node)
            return NetworkInput(shape=shape, name=name, dtype=self._dtype(node)) if shape else None
        inner = node.args[0] if called == "Variable" and node.args else getattr(node.func, "value", None)
        made = self._tensor(inner, name, depth + 1) if inner is not None and depth < 5 else None
        if made is None or called not in {*_SAME, *_WHOLE, "unsqueeze"}:
            return None
        if called == "unsqueeze":
            return replace(made, shape=(1, *made.shape)) if self._value(node.args[0]) == 0 else None
        return replace(made, dtype=torch.int64) if called in _WHOLE else made

    def _tensors(self, node: ast.expr, name: str) -> list[NetworkInput]:
        """Return the tensors of an argument, those of a list, tuple or dict by name; none if one is not known."""
        items: list[tuple[Any, ast.expr]] = []
        match self._bound(node) or node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) if name:
                items = list(enumerate(parts))
            case ast.Dict(keys=keys, values=parts) if name:
                items = [(self._value(key) if key else None, part) for key, part in zip(keys, parts, strict=True)]
        inner = [self._tensors(part, f"{name}.{key}") for key, part in items]
        if items:
            return [spec for each in inner for spec in each] if all(inner) else []
        made = self._tensor(node, name)
        return [made] if made is not None else []

    def _made_shape(self, call: ast.Call) -> tuple[int, ...] | None:
        size = next((each.value for each in call.keywords if each.arg == "size"), None)
        given: list[Any] = []
        for each in [size] if size is not None else call.args:
            value = self._value(each.value if isinstance(each, ast.Starred) else each)
            given += list(value) if isinstance(each, ast.Starred) and isinstance(value, Sequence) else [value]
        rows = [each for each in given if isinstance(each, tuple | list)]
        sizes = rows[0] if rows else [] if name_of(call.func) in ("randint", "full") else given
        is_shape = bool(sizes) and all(type(each) is int and each > 0 for each in sizes)
        return tuple(sizes) if is_shape else None

    def _dtype(self, call: ast.Call) -> torch.dtype | None:
        named = next((name_of(each.value) for each in call.keywords if each.arg == "dtype"), "")
        given = getattr(torch, named, None) if named else None
        if isinstance(given, torch.dtype):
            return None if given.is_floating_point else given
        return torch.int64 if name_of(call.func) in _WHOLE else None

    def _shapes(self, node: ast.expr) -> list[NetworkInput]:
        """Return tensors, or shapes of at least two sizes, in an argument."""
        made = self._tensor(node)
        if made is not None:
            return [made]
        if isinstance(node, ast.Tuple | ast.List) and not all(isinstance(each, ast.Constant) for each in node.elts):
            inner = [self._shapes(each) for each in node.elts]
            if inner and all(inner):
                return [found for each in inner for found in each]
        value = self._value(node)
        is_shape = isinstance(value, tuple | list) and len(value) > 1 and all(type(each) is int for each in value)
        return [NetworkInput(shape=tuple(value))] if is_shape and min(value) > 0 else []

    def _value(self, node: ast.expr) -> Any:
        found = self.values.of(node, self.source)
        return found.value if found is not None else None


def _named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield names with the expression that each gets: keywords, assignments, defaults, options of a parser."""
    if isinstance(node, ast.Call):
        yield from ((each.arg, each.value) for each in node.keywords if each.arg)
        default = next((each.value for each in node.keywords if each.arg == "default"), None)
        if name_of(node.func) == "add_argument" and default is not None:
            for each in node.args:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value.lstrip("-").replace("-", "_"), default
    elif isinstance(node, ast.Assign):
        yield from ((each.id, node.value) for each in node.targets if isinstance(each, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value
    elif isinstance(node, Function):
        named = [*node.args.posonlyargs, *node.args.args]
        yield from zip([each.arg for each in reversed(named)], reversed(node.args.defaults), strict=False)
        only = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        yield from ((each.arg, default) for each, default in only if default is not None)


def _image(size: object) -> tuple[int, ...] | None:
    """Return the shape of an image of a size; None for what is none."""
    if type(size) is int and size > 1:
        return (1, 3, size, size)
    sizes = tuple(size) if isinstance(size, list | tuple) and all(type(each) is int for each in size) else ()
    if not sizes or min(sizes) < 1:
        return None
    if len(sizes) == 3 and sizes[2] <= 4 < min(sizes[:2]):  # height, width and channels
        sizes = (sizes[2], *sizes[:2])
    return {2: (1, 3, *sizes), 3: (1, *sizes), 4: (1, *sizes[1:])}.get(len(sizes))


def _by(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))
