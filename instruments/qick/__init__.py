"""coldlink.instruments.qick."""
