"""coldlink.physics."""
