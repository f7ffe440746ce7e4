"""Compound scaling: depth, width and resolution together, for any family.

Source: Tan & Le 2019, "EfficientNet", section 3.3, equation 3.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from ..errors import ConvwrightError, require_at_least
from .net import NetConfig

Config = TypeVar("Config", bound=NetConfig)


@dataclass(frozen=True, kw_only=True)
class CompoundScaling:
    """Multipliers of equation 3 at one phi.

    Attributes
    ----------
    phi, alpha, beta, gamma : float
        The exponent, and the bases of depth, width and resolution.
    """

    phi: float
    alpha: float
    beta: float
    gamma: float

    @property
    def depth(self) -> float:
        """alpha^phi."""
        return float(self.alpha**self.phi)

    @property
    def width(self) -> float:
        """beta^phi."""
        return float(self.beta**self.phi)

    @property
    def resolution(self) -> float:
        """gamma^phi."""
        return float(self.gamma**self.phi)

    @property
    def compute_per_step(self) -> float:
        """Factor of the MACs for one step of phi, alpha * beta^2 * gamma^2: close to 2 by design."""
        return self.alpha * self.beta**2 * self.gamma**2

    @property
    def doubles_compute(self) -> bool:
        """True if a step of phi doubles the MACs, within a tenth."""
        return abs(self.compute_per_step - 2) <= 0.2

    def apply(self, config: Config) -> Config:
        """`config`, deeper, wider and for larger images.

        Parameters
        ----------
        config : NetConfig
            Config of any family; its own multipliers are multiplied.
        """
        return replace(
            config,
            depth=config.depth * self.depth,
            width=config.width * self.width,
            input_size=round(config.input_size * self.resolution),
        )

    def __str__(self) -> str:
        step = f"alpha*beta^2*gamma^2 = {self.compute_per_step:.3f}"
        verdict = "close to 2" if self.doubles_compute else "NOT close to 2: a step does not double the compute"
        return (
            f"phi {self.phi:g}: depth x{self.depth:.3f}, width x{self.width:.3f},"
            f" resolution x{self.resolution:.3f}; {step}, {verdict}"
        )


def compound(phi: float, alpha: float = 1.2, beta: float = 1.1, gamma: float = 1.15) -> CompoundScaling:
    """Scaling by equation 3; the default coefficients are the paper's for EfficientNet.

    Parameters
    ----------
    phi : float
        Each step of 1 multiplies the compute by about alpha * beta^2 * gamma^2.
    alpha, beta, gamma : float
        Bases of depth, width and resolution, at least 1.

    Raises
    ------
    ConvwrightError
        For a base below 1.

    Examples
    --------
    >>> print(compound(1))
    phi 1: depth x1.200, width x1.100, resolution x1.150; alpha*beta^2*gamma^2 = 1.920, close to 2
    >>> from convwright.models import config_of
    >>> compound(1).apply(config_of("resnet18")).input_size
    258
    """
    for name, base in (("alpha", alpha), ("beta", beta), ("gamma", gamma)):
        require_at_least(name, base, 1)
    return CompoundScaling(phi=phi, alpha=alpha, beta=beta, gamma=gamma)


def search_coefficients(
    score: Callable[[CompoundScaling], float], *, step: float = 0.05, tolerance: float = 0.1
) -> list[tuple[float, CompoundScaling]]:
    """The paper's grid search: every alpha, beta, gamma >= 1 whose step doubles the compute, best score first.

    Parameters
    ----------
    score : Callable[[CompoundScaling], float]
        Score of a scaling at phi = 1, such as the accuracy of the scaled network after training. Higher is better.
    step : float
        Step of the grid.
    tolerance : float
        Largest distance of alpha * beta^2 * gamma^2 from 2.

    Returns
    -------
    list of (score, CompoundScaling)

    Raises
    ------
    ConvwrightError
        When no point of the grid meets the constraint.

    Examples
    --------
    >>> (best_score, best), *others = search_coefficients(lambda scaling: scaling.alpha)
    >>> best.alpha, best.beta, best.gamma
    (2.1, 1.0, 1.0)
    """
    if not step > 0:
        raise ConvwrightError("step", expected="above 0", got=str(step))
    bases = [round(1 + i * step, 6) for i in range(int((1 + tolerance) / step) + 1)]
    grid = (compound(1, alpha, beta, gamma) for alpha in bases for beta in bases for gamma in bases)
    allowed = [scaling for scaling in grid if abs(scaling.compute_per_step - 2) <= tolerance + 1e-9]
    if not allowed:
        raise ConvwrightError("no coefficients meet the constraint", hint="a smaller step or a larger tolerance")
    return sorted(((score(scaling), scaling) for scaling in allowed), key=lambda pair: pair[0], reverse=True)
