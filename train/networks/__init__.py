"""The two networks and how each is trained, calibrated and exported."""
