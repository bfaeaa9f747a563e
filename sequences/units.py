"""Units: multiply a literal by its unit, every float in the package is SI."""

from typing import Final

s: Final = 1.0
ms: Final = 1e-3
us: Final = 1e-6
ns: Final = 1e-9
ps: Final = 1e-12

Hz: Final = 1.0
kHz: Final = 1e3
MHz: Final = 1e6
GHz: Final = 1e9

V: Final = 1.0
mV: Final = 1e-3
uV: Final = 1e-6

K: Final = 1.0
mK: Final = 1e-3

nH: Final = 1e-9
m: Final = 1.0
