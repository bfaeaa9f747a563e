"""Sequences: the vocabulary of experiments, and the compiler from seconds to ticks."""

from .channel import Channel, Kind
from .compile import compile  # noqa: A004
from .envelope import Envelope, FlatTop, RaisedCosine, Square
from .link import AnyLink, CoupledNode, Line, Link, Node, PhotonLine, PhotonLink, PhotonNode, Transfer
from .program import Block, PlayEvent, Program, ToneEvent, TriggerEvent
from .pulse import Pulse, ReadoutPulse
from .sequence import Sequence
from .setting import Setting
from .sweep import Axis, Number, Sweep, resolved
from .target import Clock, Port, ReadoutPort, Target
from .timeline import timeline

__all__ = [
    "AnyLink",
    "Axis",
    "Block",
    "Channel",
    "Clock",
    "CoupledNode",
    "Envelope",
    "FlatTop",
    "Kind",
    "Line",
    "Link",
    "Node",
    "Number",
    "PhotonLine",
    "PhotonLink",
    "PhotonNode",
    "PlayEvent",
    "Port",
    "Program",
    "Pulse",
    "RaisedCosine",
    "ReadoutPort",
    "ReadoutPulse",
    "Sequence",
    "Setting",
    "Square",
    "Sweep",
    "Target",
    "ToneEvent",
    "Transfer",
    "TriggerEvent",
    "compile",
    "resolved",
    "timeline",
]
