"""Which repetitions of a run need not be executed, because they are proven to be like others."""
