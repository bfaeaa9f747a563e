"""Nodes: the end of a link that a routine is about, by its letter."""

from ..sequences.errors import CalibrationError
from ..sequences.link import Link, Node


def node_of(link: Link, name: str) -> Node:
    """Node `name` of `link`; CalibrationError if there is none."""
    nodes = {node.name: node for node in (link.node_a, link.node_b)}
    if name not in nodes:
        raise CalibrationError(f"there is no node {name}; there are {', '.join(nodes)}")
    return nodes[name]
