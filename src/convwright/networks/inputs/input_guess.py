"""An input that a network may take, and what speaks for it."""

from dataclasses import dataclass

from .network_input import NetworkInput


@dataclass(frozen=True, kw_only=True)
class InputGuess:
    """Inputs that a network may take.

    Attributes
    ----------
    inputs : tuple of NetworkInput
        All of them; a single one without a name is that of the first parameter.
    reason : str
        What speaks for it; "" where the network declares it.
    is_certain : bool
        True if the file itself gives this input to this network: no other size is then looked for.
    is_exact : bool
        True if it holds as it stands or not at all.
    """

    inputs: tuple[NetworkInput, ...]
    reason: str = ""
    is_certain: bool = False
    is_exact: bool = False

    @classmethod
    def of_shape(cls, shape: tuple[int, ...], reason: str = "") -> "InputGuess":
        """Return the guess of one input."""
        return cls(inputs=(NetworkInput(shape=shape),), reason=reason)
