"""Calls that only make a value, by the library that they are from; and words for the others."""

from pathlib import PurePath

# Modules whose functions and classes make values, with those below them.
_MAKING = (
    *(
        "abc",
        "collections",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "itertools",
    ),
    *("math", "cmath", "numbers", "operator", "pathlib", "posixpath", "ntpath", "genericpath", "re", "string", "types"),
    *("typing", "typing_extensions", "numpy", "einops", "attr", "attrs", "pydantic"),
    *("addict", "easydict", "ml_collections", "omegaconf", "yacs"),
    *("convwright.layers", "convwright.models", "timm.layers", "timm.models", "torch.distributions", "torch.nn"),
    *("torchvision.models", "torchvision.ops", "torchvision.transforms"),
)
# Of torch itself only what makes tensors, devices and types: not torch.cuda, torch.hub, torch.utils, ...
_TORCH = ("torch", "torch._C", "torch._C._nn", "torch._C._VariableFunctions", "torch._tensor", "torch.functional")
_PARSER_METHODS = ("ArgumentParser", "add_argument", "add_argument_group", "add_subparsers", "set_defaults")
_MAKING_FUNCTIONS = {
    *(f"argparse.{name}" for name in _PARSER_METHODS),
    *("convwright.networks.reading.ipython.display", "convwright.networks.reading.ipython.get_ipython"),
    *("json.loads", "logging.getLogger", "os.cpu_count", "os.getcwd", "os.getenv"),
    *("torch.cuda.device_count", "torch.cuda.is_available"),
}
_WORK_PREFIXES = ("download", "fromfile", "genfromtxt", "load", "manual_seed", "memmap", "open", "save", "seed", "set_")
# Methods of a value whose type is not known.
_METHODS_OF_WORK = {
    *("backward", "download", "fit", "from_pretrained", "load", "load_state_dict", "mkdir", "save", "step", "unlink"),
    *("parse_args", "parse_known_args", "read", "read_bytes", "read_text", "write", "write_bytes", "write_text"),
}
MODULE_METHODS = {
    *("add_module", "append", "apply", "bfloat16", "children", "double", "eval", "extend", "float", "half", "insert"),
    *("modules", "named_children", "named_modules", "named_parameters", "parameters", "register_buffer"),
    *("register_module", "register_parameter", "requires_grad_", "state_dict", "train", "update"),
}
PATH_METHODS = {"absolute", "exists", "expanduser", "is_dir", "is_file", "resolve", *dir(PurePath)}
WORKING_BUILTINS = {"__import__", "breakpoint", "compile", "eval", "exec", "help", "input", "open", "print"}
_WORDS = {
    "DataLoader": "builds a loader",
    "_exit": "ends the program",
    "broken_cell": "is in a cell that is no Python",
    "exit": "ends the program",
    "input": "asks for input",
    "load_state_dict": "loads weights",
    "magic_line": "is for IPython",
    "makedirs": "writes",
    "mkdir": "writes",
    "open": "opens a file",
    "parse_args": "parses arguments",
    "parse_known_args": "parses arguments",
    "print": "prints",
    "quit": "ends the program",
    "sleep": "waits",
}


def is_making(module: str, name: str) -> bool:
    """Return True if the function or class `name` of a library's module only makes a value.

    >>> is_making("torch.nn.init", "zeros_"), is_making("torch", "load"), is_making("torch.cuda", "synchronize")
    (True, False, False)
    """
    if f"{module}.{name}" in _MAKING_FUNCTIONS:
        return True
    is_listed = module in _TORCH or any(module == each or module.startswith(f"{each}.") for each in _MAKING)
    return is_listed and not name.startswith(_WORK_PREFIXES)


def is_named_work(name: str) -> bool:
    """Return True for a function whose name says that it does work, whatever library it is from.

    >>> is_named_work("load_state_dict_from_url"), is_named_work("to_2tuple")
    (True, False)
    """
    return name.startswith(_WORK_PREFIXES) or name in _METHODS_OF_WORK or name in _WORDS


def reason_words(name: str, text: str) -> str:
    """Return what a call does, as a verb phrase.

    >>> reason_words("sleep", "time.sleep"), reason_words("show", "plt.show")
    ('waits', 'calls plt.show')
    """
    return _WORDS.get(name, f"calls {text}")
