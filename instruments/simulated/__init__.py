"""coldlink.instruments.simulated."""
