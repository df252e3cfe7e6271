"""Trains, evaluates and exports the digits' CNN: `python -m train`."""
