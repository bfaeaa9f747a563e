"""Policy: in which order a station's instruments are opened, and what must hold before anything plays."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ..instruments.interlock import Window
from .yaml_file import Duration, Section, Temperature, load

FILE: Final = "policy.yaml"


class WindowSection(Section):
    """The temperatures of a stage between which pulses may be played, and how old a reading may be."""

    minimum: Annotated[Temperature, Field(ge=0)]
    maximum: Annotated[Temperature, Field(gt=0)]
    max_age: Annotated[Duration, Field(gt=0)]

    @model_validator(mode="after")
    def _check_it_is_open_somewhere(self) -> "WindowSection":
        if self.minimum >= self.maximum:
            raise PydanticCustomError("window", "the minimum is not below the maximum")
        return self

    def window(self) -> Window:
        """As the interlock knows it."""
        return Window(minimum=self.minimum, maximum=self.maximum, max_age=self.max_age)


class Policy(Section):
    """policy.yaml. load_order: Instruments, by name. poll: Longest time between two checks of the interlocks (s).

    clock: Address of that of a served twin, by which ramps and ages go; without it they go by the computer's.
    """

    load_order: Annotated[tuple[str, ...], Field(min_length=1)]
    thermometer: str
    interlocks: Annotated[Mapping[str, WindowSection], Field(min_length=1)]
    poll: Annotated[Duration, Field(gt=0)]
    clock: str | None = None

    def windows(self) -> dict[str, Window]:
        """Of each stage."""
        return {stage: section.window() for stage, section in self.interlocks.items()}


def policy(folder: Path) -> Policy:
    """What policy.yaml in `folder` says."""
    return load(folder / FILE, Policy)
