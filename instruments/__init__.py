"""coldlink.instruments."""
