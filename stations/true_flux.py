"""True flux: what a twin's loops feel at given settings, other lines' crosstalk included."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ..instruments.simulated.dynamics import Dynamics, Rest
from ..physics.lines import FluxLine


@dataclass(frozen=True)
class TrueFlux:
    """The device of `dynamics` with its sources at `settings` (V), by their outputs; others are at 0 V."""

    dynamics: Dynamics
    settings: Mapping[str, float]

    @cached_property
    def rest(self) -> Rest:
        """The device with all generators silent."""
        return self.dynamics.rest(self.volts)

    @cached_property
    def volts(self) -> dict[str, float]:
        """Of each line's source."""
        return {line: self.settings.get(source, 0.0) for source, line in self.dynamics.truth.sources.items()}

    def offset(self, line: str) -> float:
        """Reduced flux in the loop of `line` with its own source at 0 V and all others as they are."""
        return self.during({})[line] - self._lines[line].bias * self.volts[line]

    def bias(self, line: str, flux: float) -> float:
        """Of the source of `line` (V), at which its loop feels a reduced `flux` while all others are as they are."""
        return (flux - self.offset(line)) / self._lines[line].bias

    def during(self, fractions: Mapping[str, float]) -> dict[str, float]:
        """Reduced flux in each loop while generators hold these `fractions` of their full scale."""
        path = self.dynamics.path
        pulsed = path.truth.crosstalk.felt(
            [line.pulse * fractions.get(name, 0.0) for name, line in self._lines.items()]
        )
        return dict(
            zip(self._lines, (path.rest(self.volts, self.dynamics.drifted.flux) + pulsed).tolist(), strict=True)
        )

    @property
    def _lines(self) -> Mapping[str, FluxLine]:
        return self.dynamics.path.lines
