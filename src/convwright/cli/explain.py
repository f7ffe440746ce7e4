"""`convwright explain`: the page of a lint rule."""

from typing import Annotated

import typer


def explain(
    rule: Annotated[str | None, typer.Argument(help="Code or name of a rule; all are listed when left out.")] = None,
) -> None:
    """Say why a rule exists, on what evidence, with a bad and a good example, and how safe its fix is.

    `convwright explain CW301`

    `convwright explain bias-before-norm`
    """
    from rich.console import Console
    from rich.markdown import Markdown

    from ..errors import unknown
    from ..linter.engine import all_rules
    from ..reports.findings.rule_page import rule_page
    from ._tables import plain_table

    known, console = all_rules(), Console()
    if rule is None:
        table = plain_table("rule", "name", "severity", "")
        for code, each in known.items():
            table.add_row(code, each.name, str(each.severity), "" if each.is_default else "off by default")
        console.print(table)
        return
    found = known.get(rule.upper()) or next((each for each in known.values() if each.name == rule), None)
    if found is None:
        raise unknown(
            "rule", rule, [*known, *(each.name for each in known.values())], hint="`convwright explain` lists all"
        )
    page = rule_page(found)
    console.print(Markdown(page) if console.is_terminal else page, markup=False, highlight=False)
