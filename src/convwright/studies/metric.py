"""What a study measures, and how its values are said."""

from dataclasses import dataclass

_SHARES = ("accuracy", "error", "consistency")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """The number that arms are compared by.

    Attributes
    ----------
    name : str
        Its key in a run's values.
    less_is_better : bool
        Whether a lower value is the better one, as of an error.

    Examples
    --------
    >>> Metric(name="test_accuracy").level(0.9134), Metric(name="test_accuracy").gap(-0.0125, signed=True)
    ('91.34 %', '-1.25 points')
    >>> Metric(name="residual_ratio").gap(0.5)
    '0.5'
    """

    name: str
    less_is_better: bool = False

    @property
    def is_share(self) -> bool:
        """Whether its values are shares of 1, which are said in percent and compared in points."""
        return self.name.endswith(_SHARES)

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
