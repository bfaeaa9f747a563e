"""As a script: keeps blocks, as many as it is told, and writes the GUID of each as soon as it is kept."""

import sys
from pathlib import Path

import numpy as np
import xarray as xr

from coldlink.calibration.record import Recorder

if __name__ == "__main__":
    folder, run, blocks = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    recorder = Recorder(folder / "measurements.db", folder / "shots", "sim_4k", run)
    shots = np.random.default_rng(1).normal(size=(10, 200, 2)).astype(np.float32)
    for number in range(blocks):
        variables = {"a.iq": (("wait", "shot", "quadrature"), shots + number, {"units": "ADC"})}
        data = xr.Dataset(variables, {"wait": np.linspace(0, 1e-6, 10)}, {"number": number})
        sys.stdout.write(recorder.keep("t1", data, {"temperatures": {"line": 4.01}}) + "\n")
        sys.stdout.flush()
