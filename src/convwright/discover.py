"""The folder is the list: import every module of a package and collect the one object each of them names."""

import importlib
import pkgutil

from .errors import ConvwrightError


def discover(package: str, attribute: str) -> dict[str, object]:
    """Import every module below `package` and return its object named `attribute`, by module name, sorted.

    Modules whose name starts with an underscore, and modules that do not define `attribute`, are left out.

    Raises
    ------
    ConvwrightError
        If two modules in different folders have the same name, so that one would hide the other.
    """
    root = importlib.import_module(package)
    found: dict[str, object] = {}
    places: dict[str, str] = {}
    for info in sorted(pkgutil.walk_packages(root.__path__, f"{package}."), key=lambda info: info.name):
        name = info.name.rpartition(".")[2]
        if name.startswith("_"):
            continue
        module = importlib.import_module(info.name)
        if not hasattr(module, attribute) or info.ispkg:
            continue
        if name in found:
            raise ConvwrightError(
                f"{info.name} and {places[name]} have the same name {name!r}", hint="rename one of the files"
            )
        found[name], places[name] = getattr(module, attribute), info.name
    return dict(sorted(found.items()))
