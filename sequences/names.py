"""Names: what the nodes and links of a network make of the names of its channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LinkNames:
    """Of one link. link: Its own. nodes: At its ends. couplers: Channels of their couplers into it."""

    link: str
    nodes: tuple[str, ...]
    couplers: tuple[str, ...]

    @property
    def load(self) -> str:
        """Channel of its load's coupler."""
        return f"{self.link}.load"

    @classmethod
    def of(cls, links: Mapping[str, Sequence[str]]) -> dict[str, "LinkNames"]:
        """Names in a network. links: Link -> nodes at its ends.

        A channel is called after what it belongs to: `NODE.drive`, `NODE.flux`, `NODE.readout`, `LINK.load`. A coupler
        is `NODE.coupler`, and `NODE.LINK.coupler` where the node has several.
        """
        places = [node for nodes in links.values() for node in nodes]

        def coupler(node: str, link: str) -> str:
            return f"{node}.coupler" if places.count(node) == 1 else f"{node}.{link}.coupler"

        return {
            link: cls(link=link, nodes=tuple(nodes), couplers=tuple(coupler(node, link) for node in nodes))
            for link, nodes in links.items()
        }
