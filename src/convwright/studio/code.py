"""A design as Python code that builds the same network."""

import json

from .design import Design


def code_of(design: Design, summary: str = "") -> str:
    """A file that makes the design's `model`, with `summary` as what it says of itself.

    Examples
    --------
    >>> print(code_of(Design(model="resnet18", changes=(("num_classes", 10),))))
    import convwright
    <BLANKLINE>
    model = convwright.build("resnet18", num_classes=10)
    <BLANKLINE>
    """
    arguments = [_literal(design.model), *(f"{name}={_literal(value)}" for name, value in design.changes)]
    call = f"convwright.build({', '.join(arguments)})"
    if len(f"model = {call}") > 88:
        call = "convwright.build(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"
    head = f'"""{summary}"""\n\n' if summary else ""
    return f"{head}import convwright\n\nmodel = {call}\n"


def _literal(value: object) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)
