"""Sections of link.yaml for a line along which photons travel, and of truth.yaml for what it may have become."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from ..physics.device import TWO_PI
from ..physics.travelling import End, TransferResonator, Waveguide
from .network_sections import NotNegative, Positive
from .yaml_file import Duration, Fraction, Frequency, Length, Quantity, Section, Temperature

Velocity = Annotated[float, Quantity("m/s", "2.0e8 m/s")]
Share = Annotated[float, Field(strict=True, ge=0, lt=1)]


class TransferSection(Section):
    """A transfer resonator between a transmon and the line, and the drive that exchanges f0 and g1 through it.

    linewidth, internal: kappa/2pi into the line, and into a bath of its own. pull_e, pull_f: By a transmon in e, in f.
    rate: g~/2pi at the full scale of the node's drive. stark: Of f by its drive, over g~^2, both in rad/s.
    """

    frequency: Annotated[Frequency, Positive]
    linewidth: Annotated[Frequency, Positive]
    internal: Annotated[Frequency, NotNegative]
    pull_e: Frequency
    pull_f: Frequency
    rate: Annotated[Frequency, Positive]
    stark: Duration

    def end(self) -> End:
        """As physics knows it."""
        resonator = TransferResonator(
            frequency=self.frequency,
            kappa=TWO_PI * self.linewidth,
            internal=TWO_PI * self.internal,
            pull_e=TWO_PI * self.pull_e,
            pull_f=TWO_PI * self.pull_f,
        )
        return End(resonator=resonator, stark=self.stark)


class PhotonLinkSection(Section):
    """A line along which photons travel from the first of its `ends` to the second.

    loss: Part of the photons that are lost, in cable and circulator together.
    """

    kind: Literal["travelling"]
    length: Annotated[Length, Positive]
    velocity: Annotated[Velocity, Field(gt=0, le=299_792_458.0)]
    loss: Fraction
    temperature: Annotated[Temperature, NotNegative]
    ends: Annotated[Mapping[str, TransferSection], Field(min_length=2, max_length=2)]

    def waveguide(self) -> Waveguide:
        """As physics knows it."""
        return Waveguide(delay=self.length / self.velocity, loss=self.loss)


class PhotonSpreadSection(Section):
    """Half widths: of transfer resonators' frequencies; relative ones of what else they have, and of the loss."""

    frequency: Annotated[Frequency, NotNegative]
    linewidth: Share
    rate: Share
    stark: Share
    loss: Share
