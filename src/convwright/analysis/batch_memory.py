"""Peak memory of a step as a function of the batch size."""

from dataclasses import dataclass

from convwright.errors import ConvwrightError

from .timeline import Level


@dataclass(frozen=True, kw_only=True)
class BatchMemory:
    """Memory of a step at any batch size: what is computed from the input grows with the batch, all else stays.

    Attributes
    ----------
    traced_batch : int
        Images of the step that `levels` are of.
    constant_bytes : int
        Weights and state of the optimizer, which are there at every moment.
    levels : tuple of Level
        The other bytes at the moments that may be the peak.

    Examples
    --------
    >>> step = BatchMemory(traced_batch=2, constant_bytes=10, levels=(Level(8, 0), Level(2, 20)))
    >>> step.peak_bytes(2), step.peak_bytes(10), step.largest_batch(50)
    (32, 50, 10)
    """

    traced_batch: int
    constant_bytes: int
    levels: tuple[Level, ...]

    def peak_bytes(self, batch: int) -> int:
        """The most memory that a step with this batch takes at once."""
        return self.constant_bytes + max(level.at(batch, self.traced_batch) for level in self.levels)

    def largest_batch(self, budget_bytes: int) -> int:
        """The largest batch for which a step stays within `budget_bytes`; 0 when not even one image fits.

        Raises
        ------
        ConvwrightError
            If nothing depends on the input.
        """
        left = budget_bytes - self.constant_bytes
        sizes = [(left - level.fixed) * self.traced_batch // level.varying for level in self.levels if level.varying]
        if not sizes:
            raise ConvwrightError("largest batch", expected="results that depend on the input", got="none")
        return max(min(sizes), 0) if all(level.fixed <= left for level in self.levels) else 0
