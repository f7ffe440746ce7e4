"""A design as Python code that builds the same network."""

import json

from ..shared.design import Design


def code_of(design: Design, summary: str = "") -> str:
    """Return a file that makes the design's `model`, with `summary` as what it says of itself.

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


def fix_code_of(design: Design, code: str, shape: tuple[int, ...]) -> str:
    """Return a file that makes the design's `model`, and fixes what one rule finds in it.

    Examples
    --------
    >>> print(fix_code_of(Design(model="resnet50"), "CW503", (1, 3, 224, 224)))
    import convwright
    from convwright.linter import Settings
    <BLANKLINE>
    model = convwright.build("resnet50")
    settings = Settings(select=("CW503",))
    model = convwright.fix(model, (1, 3, 224, 224), settings=settings, unsafe=True).state
    <BLANKLINE>
    """
    built = code_of(design).replace("\n", "\nfrom convwright.linter import Settings\n", 1)
    chosen = f'settings = Settings(select=("{code}",))'
    return f"{built}{chosen}\nmodel = convwright.fix(model, {shape}, settings=settings, unsafe=True).state\n"


def _literal(value: object) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)
