"""Notes of what was kept from being done while a user's network was built or traced."""

from dataclasses import dataclass, field

from ...errors import ConvwrightError, causes
from ..reading.left_out import IMPORT_HINT
from .callers import users_place
from .unloaded_weights import UnloadedWeights


class RefusedCallError(ConvwrightError):
    """Call for something from elsewhere without which there is no network."""

    @classmethod
    def within(cls, error: BaseException) -> "RefusedCallError | None":
        """Return the refusal that led to an error, where a library has made another error of it."""
        return next((each for each in causes(error) if isinstance(each, cls)), None)


@dataclass(kw_only=True, eq=False)
class NetworkGuard:
    """Notes of what was not done for one network.

    Attributes
    ----------
    notes : list of str
        Sentences, each once.
    has_unloaded : bool
        True once fresh weights have stood in for others.
    has_stayed : bool
        True once a move to a GPU was not made.
    is_tracing : bool
        True while the network is traced, which moves nothing to a device; False while it is built.
    """

    notes: list[str] = field(default_factory=list)
    has_unloaded: bool = False
    has_stayed: bool = False
    is_tracing: bool = False

    def note(self, sentence: str) -> None:
        """Keep a sentence, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def note_device(self) -> None:
        """Note the first move to a GPU that was not made; there are as many as tensors."""
        if not self.has_stayed:
            self.has_stayed = True
            self.note(f"the move to a GPU{_where()} was left out: the network stays on the CPU")

    def note_download(self, name: str) -> None:
        """Note a file that was not downloaded."""
        self.note(f"{name}{_where()} was not downloaded")

    def note_unwritten(self, name: str) -> None:
        """Note a file or folder that was not written."""
        self.note(f"{name}{_where()} was not written")

    def unloaded(self, name: str) -> UnloadedWeights:
        """Note that weights were not loaded, and return what stands in for them."""
        self.has_unloaded = True
        self.note(f"weights of {name}{_where()} were not loaded: fresh ones stand in")
        return UnloadedWeights(name)

    def refusal(self, what: str) -> RefusedCallError:
        """Return the error for something from elsewhere without which there is no network."""
        return RefusedCallError(
            f"{users_place() or 'the network'} needs {what}",
            expected="what is on this machine: nothing is fetched and no program is run to build a network",
            hint=IMPORT_HINT,
        )


def _where() -> str:
    place = users_place()
    return f" ({place})" if place else ""
