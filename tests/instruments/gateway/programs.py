"""An unmodified program of the vendor's: a swept flux pulse and the reading of two tones."""

import numpy as np
from qick.asm_v2 import AveragerProgramV2, QickSweep1D

FLUX, TONES = 0, 4
READOUTS = (2, 3)


class Read(AveragerProgramV2):
    def _initialize(self, cfg):
        self.declare_gen(ch=FLUX, nqz=1)
        self.declare_gen(
            ch=TONES, nqz=2, mixer_freq=6400.0, mux_freqs=[6350.0, 6450.0], mux_gains=[0.5, 0.3], ro_ch=READOUTS[0]
        )
        for readout, frequency in zip(READOUTS, (6350.0, 6450.0), strict=True):
            self.declare_readout(ch=readout, length=1.0, freq=frequency, gen_ch=TONES)
        self.add_loop("gain", 3)
        self.add_envelope(ch=FLUX, name="step", idata=np.full(160, 32766.0), qdata=np.zeros(160))
        gain = QickSweep1D("gain", 0.1, 0.9)
        self.add_pulse(ch=FLUX, name="flux", style="arb", envelope="step", freq=0, phase=0, gain=gain)
        self.add_pulse(ch=TONES, name="tones", style="const", mask=[0, 1], length=1.0)

    def _body(self, cfg):
        self.pulse(ch=FLUX, name="flux", t=0)
        self.pulse(ch=TONES, name="tones", t=1.0)
        self.trigger(ros=list(READOUTS), t=1.1, ddr4=cfg.get("ddr4", False), mr=cfg.get("ddr4", False))
        self.wait(10.0)
        self.delay(14.0)


def read(soccfg, reps=10, **cfg):
    return Read(soccfg, reps=reps, initial_delay=14.0, final_delay=None, final_wait=None, cfg=cfg)
