"""coldlink.sequences.protocols."""
