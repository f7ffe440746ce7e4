"""Paired comparison of arms, seed by seed: the difference, how sure it is, and a verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..errors import require_choice
from ..statistics import Estimate, bca_interval, estimate, holm, least_p, sign_flip_p

ALPHA = 0.05


class Verdict(StrEnum):
    """Verdict on an arm and the one that it is compared with."""

    BETTER = "better"
    WORSE = "worse"
    NOT_DISTINGUISHABLE = "not distinguishable"
    TOO_FEW_SEEDS = "too few seeds to tell"

    @property
    def joined(self) -> str:
        """Word between it and the other arm; empty where none is named."""
        return {Verdict.NOT_DISTINGUISHABLE: "from", Verdict.TOO_FEW_SEEDS: ""}.get(self, "than")


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """An arm less another, on the seeds that both have.

    Attributes
    ----------
    arm, against : str
    seeds : tuple of int
        The common ones.
    estimate : Estimate
        Mean of the differences, one per seed, with Student's interval, which is of this arm alone.
    bca_interval : tuple of float or None
        The bootstrap's, from ten seeds on.
    p : float
        p of the sign-flip test.
    p_holm : float
        The same, corrected for the number of arms.
    verdict : Verdict
    macs_ratio : float or None
        MACs of the arm divided by those of the other; None where it is unknown.
    """

    arm: str
    against: str
    seeds: tuple[int, ...]
    estimate: Estimate
    bca_interval: tuple[float, float] | None
    p: float
    p_holm: float
    verdict: Verdict
    macs_ratio: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the costs as plain values."""
        return {
            "arm": self.arm,
            "against": self.against,
            "seeds": list(self.seeds),
            **self.estimate.to_dict(),
            "bca_interval": self.bca_interval,
            "p": self.p,
            "p_holm": self.p_holm,
            "verdict": str(self.verdict),
        }


def compare(
    arms: Mapping[str, Mapping[int, float]], against: Mapping[str, str], *, less_is_better: bool = False
) -> tuple[PairedDifference, ...]:
    """Compare each arm of `against` with the one it is mapped to, where they have a common seed.

    Parameters
    ----------
    arms : mapping of str to mapping of int to float
        Value of each arm, by seed.

    Raises
    ------
    ConvwrightError
        For a name that is none of the arms.

    Examples
    --------
    >>> arms = {"max": dict.fromkeys(range(6), 0.7), "blur": {seed: 0.71 + 0.001 * seed for seed in range(6)}}
    >>> found = compare(arms, {"blur": "max"})
    >>> found[0].p_holm, str(found[0].verdict)
    (0.03125, 'better')
    """
    for name in dict.fromkeys([*against, *against.values()]):
        require_choice("arm", name, arms)
    common = {name: tuple(sorted(arms[name].keys() & arms[other].keys())) for name, other in against.items()}
    estimates = {
        name: estimate([arms[name][seed] - arms[against[name]][seed] for seed in seeds])
        for name, seeds in common.items()
        if seeds
    }
    p_values = [sign_flip_p(each.values) for each in estimates.values()]
    # Holm's p grows with every p that goes in: with each at its least, it is the least there can be.
    floors = holm([least_p(len(each.values)) for each in estimates.values()])
    found = []
    for (name, each), p, p_holm, floor in zip(estimates.items(), p_values, holm(p_values), floors, strict=True):
        verdict = _verdict(-each.mean if less_is_better else each.mean, p_holm, floor)
        found.append(
            PairedDifference(
                arm=name,
                against=against[name],
                seeds=common[name],
                estimate=each,
                bca_interval=bca_interval(each.values),
                p=p,
                p_holm=p_holm,
                verdict=verdict,
            )
        )
    return tuple(found)


def seeds_needed(num_comparisons: int = 1) -> int:
    """The fewest common seeds with which, after Holm's correction, so many arms can be told apart from others.

    >>> [seeds_needed(arms) for arms in (1, 2, 4, 8)]
    [6, 7, 8, 9]
    """
    return next(n for n in range(2, 64) if num_comparisons * least_p(n) < ALPHA)


def _verdict(gain: float, p_holm: float, least_p_holm: float) -> Verdict:
    """The rule: a corrected p below 0.05 decides; without the seeds for such a p, nothing is said."""
    if least_p_holm >= ALPHA:
        return Verdict.TOO_FEW_SEEDS
    if p_holm >= ALPHA:
        return Verdict.NOT_DISTINGUISHABLE
    return Verdict.BETTER if gain > 0 else Verdict.WORSE
