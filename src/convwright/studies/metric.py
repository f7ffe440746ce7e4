"""What a study measures, and how its values are said."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A number that is known of every run.

    Attributes
    ----------
    name : str
        Its key in a run's values.
    less_is_better : bool
        Whether a lower value is the better one, as of an error.
    is_share : bool
        Whether its values are shares of 1, or differences of shares: said in percent and compared in points.

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
        """A value or a difference without its unit: in percent, or with three significant digits."""
        sign = "+" if signed else ""
        return f"{100 * value:{sign}.2f}" if self.is_share else f"{value:{sign}.3g}"

    def level(self, value: float) -> str:
        """A value with its unit."""
        return self.number(value) + (" %" if self.is_share else "")

    def gap(self, value: float, *, signed: bool = False) -> str:
        """A difference with its unit."""
        return self.number(value, signed=signed) + (" points" if self.is_share else "")
