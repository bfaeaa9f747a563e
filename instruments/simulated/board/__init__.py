"""coldlink.instruments.simulated.board."""
