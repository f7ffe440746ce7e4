"""Sizes of recurrent layers, as their calls show them."""

from typing import NamedTuple

from convwright.graph import Op, Tensor

GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}


class RecurrentSizes(NamedTuple):
    """Sizes of one call of `lstm`, `gru`, `rnn_tanh` or `rnn_relu`.

    Attributes
    ----------
    steps : int
        Steps of all sequences of the batch together.
    hidden : int
        Size of the state of a layer.
    num_layers : int
        Number of layers, one for each direction.
    directions : int
        1 or 2.
    matrices : tuple of tuple of int
        Shapes of all weights that are multiplied.
    """

    steps: int
    hidden: int
    num_layers: int
    directions: int
    matrices: tuple[tuple[int, ...], ...]

    @property
    def states(self) -> int:
        """Elements of the states of all steps and layers."""
        return self.steps * self.num_layers * self.hidden

    @property
    def between(self) -> int:
        """Elements that layers read of the layers before them."""
        return self.states - self.steps * self.directions * self.hidden


def recurrent_sizes(op: Op) -> RecurrentSizes:
    """Return the sizes of a call."""
    sequence = op.inputs[0]
    # The last group of tensors: of each layer input-to-gates, state-to-gates, biases, and a projection if any.
    group = [value for value in op.args.values() if isinstance(value, tuple) and value][-1]
    matrices = tuple(tensor.shape for tensor in group if isinstance(tensor, Tensor) and tensor.ndim == 2)
    hidden = matrices[0][0] // GATES[op.kind]
    projects = matrices[1][1] != hidden
    return RecurrentSizes(
        steps=sequence.numel // sequence.shape[-1],
        hidden=hidden,
        num_layers=len(matrices) // (2 + projects),
        directions=1 + bool(op.args["bidirectional"]),
        matrices=matrices,
    )
