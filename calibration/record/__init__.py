"""Record: measured data on the disk, averages in a QCoDeS database and single shots in a file beside it."""

from .archive import Archive
from .recorder import Recorder

__all__ = ["Archive", "Recorder"]
