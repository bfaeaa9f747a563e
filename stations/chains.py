"""Chains: the calibrations that a link of each kind needs."""

from ..calibration.belief import AnyDesign
from ..calibration.chain import CHAIN
from ..calibration.graph import Graph
from ..calibration.photon_chain import PHOTON_CHAIN
from ..calibration.photon_design import PhotonDesign


def chain_of(design: AnyDesign) -> Graph:
    """Of a link that was designed so."""
    return PHOTON_CHAIN if isinstance(design, PhotonDesign) else CHAIN
