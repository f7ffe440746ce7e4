"""Metric of a study, and how its values are printed."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Number that is known of every run.

    Attributes
    ----------
    name : str
        Its key in a run's values.
    less_is_better : bool
        True if a lower value is better, as of an error.
    is_share : bool
        True if its values are shares of 1, or differences of shares: printed in percent and compared in points.

    Examples
    --------
    >>> accuracy = Metric(name="test_accuracy", is_share=True)
    >>> accuracy.level(0.9134), accuracy.gap(-0.0125, signed=True)
    ('91.34 %', '-1.25 points')
    >>> Metric(name="residual_ratio").gap(0.5)
    '0.5'
    """

    name: str
    less_is_better: bool = False
    is_share: bool = False

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ")

    def number(self, value: float, *, signed: bool = False) -> str:
        """Return a value or a difference without its unit: in percent, or with three significant digits."""
        sign = "+" if signed else ""
        return f"{100 * value:{sign}.2f}" if self.is_share else f"{value:{sign}.3g}"

    def level(self, value: float) -> str:
        """Return a value with its unit."""
        return self.number(value) + (" %" if self.is_share else "")

    def gap(self, value: float, *, signed: bool = False) -> str:
        """Return a difference with its unit."""
        return self.number(value, signed=signed) + (" points" if self.is_share else "")

    def interval(self, found: tuple[float, float], *, signed: bool = False) -> str:
        """Return an interval without its unit: "1.20 to 3.40"."""
        return f"{self.number(found[0], signed=signed)} to {self.number(found[1], signed=signed)}"
