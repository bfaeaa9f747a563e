"""Contacts: cuts through the chevron of a node and the line, as they are played and as a model follows them."""

from dataclasses import dataclass, replace

from ..sequences.link import Transfer
from .node_model import NodeModel
from .waveform import Waveform, hold, meeting, ramp


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """Two cuts through a chevron. swap: As designed. lengths: Of contacts on the designed resonance (s). frequencies:
    Of the bare qubit in contacts of the swap's length (Hz). closed: Fraction of the load's pulse. ramp, gap: (s).
    sample: Of the load's generator (s).
    """

    swap: Transfer
    lengths: tuple[float, ...]
    frequencies: tuple[float, ...]
    closed: float
    ramp: float
    gap: float
    sample: float

    def transfers(self, model: NodeModel) -> list[Transfer]:
        """One for each length, then one for each frequency."""
        return [lasting(self.swap, length) for length in self.lengths] + [self.at(f, model) for f in self.frequencies]

    def at(self, frequency: float, model: NodeModel) -> Transfer:
        """Of the swap's length, the bare qubit at `frequency` (Hz)."""
        amplitude = model.compensation(frequency)
        return replace(self.swap, compensation=replace(self.swap.compensation, amplitude=amplitude))

    def waveform(self, transfers: list[Transfer]) -> Waveform:
        """From the load's closing to the end of each transfer."""
        count = len(transfers)
        closing = ramp(0.0, self.closed, self.ramp, self.sample, count).then(hold(self.gap, self.closed, count))
        return closing.then(meeting(transfers, self.closed))


def lasting(swap: Transfer, length: float) -> Transfer:
    """`swap` for another `length` (s)."""
    coupler, compensation = swap.coupler, swap.compensation
    return Transfer(coupler=replace(coupler, duration=length), compensation=replace(compensation, duration=length))
