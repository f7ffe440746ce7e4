"""Design rules with evidence: what is wrong with a network, where in its source, and how to fix it."""

from .engine import all_rules, lint
from .finding import Finding, Fix, Gain, Safety, Severity
from .report import Report
from .rule import Example, OpRule, Rule
from .settings import Settings

__all__ = [
    "Example",
    "Finding",
    "Fix",
    "Gain",
    "OpRule",
    "Report",
    "Rule",
    "Safety",
    "Settings",
    "Severity",
    "all_rules",
    "lint",
]
