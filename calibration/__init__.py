"""coldlink.calibration."""
