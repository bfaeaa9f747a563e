"""The twin's refrigerator: stages that warm and cool, and its instruments as SCPI servers on loopback ports."""

from .fridge import Fridge, SourceUnit, ThermometerUnit
from .lakeshore import Heater, SensorFault
from .server import Fault, ScpiServer
from .thermal import Link, Refrigerator, Stage, dilution_refrigerator

__all__ = [
    "Fault",
    "Fridge",
    "Heater",
    "Link",
    "Refrigerator",
    "ScpiServer",
    "SensorFault",
    "SourceUnit",
    "Stage",
    "ThermometerUnit",
    "dilution_refrigerator",
]
