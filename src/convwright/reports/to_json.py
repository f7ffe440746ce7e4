"""Facts as JSON: the stable contract for other programs."""

import json
import math
from typing import Any


def as_json(facts: dict[str, Any]) -> str:
    """Return `facts` as JSON, two spaces deep; a number that JSON cannot hold (infinite, not a number) is null."""
    return json.dumps(_finite(facts), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
