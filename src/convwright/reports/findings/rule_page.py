"""The page of a lint rule, from its docstring and examples."""

from ...linter.finding import Severity
from ...linter.rule import Example, Rule
from ...linter.settings import Settings

_MEANING = {
    Severity.ERROR: "error: it does not work, or trains wrongly",
    Severity.WARNING: "warning: it costs accuracy, memory or time for nothing",
    Severity.ADVICE: "advice: often better otherwise",
}
_HEADINGS = {"why": "Why", "source": "Source", "fix": "Fix", "off": "Why it is off by default"}


def rule_page(rule: Rule) -> str:
    """Return the page in Markdown: what, why, source, a bad and a good example, and how safe the fix is."""
    page = rule.page()
    state = "" if rule.is_default else ", off by default"
    parts = [f"# {rule.code} {rule.name}", page["what"], f"*{_MEANING[rule.severity]}{state}*"]
    for key, heading in _HEADINGS.items():
        if key in page:
            parts.append(f"## {heading}\n\n{page[key]}")
    parts += [f"## Bad\n\n{_example(rule.bad)}", f"## Good\n\n{_example(rule.good)}"]
    parts.append(f"Waive it on a line with `# convwright: ignore[{rule.code}]`.")
    return "\n\n".join(parts) + "\n"


def _example(example: Example) -> str:
    shape = "x".join(map(str, example.inputs))
    told = [f"`{key}`: {value}" for key, value in vars(example.settings).items() if value != getattr(Settings(), key)]
    return f"```python\n{example.text}\n```\n\nInput {shape}{', ' * bool(told)}{', '.join(told)}."
