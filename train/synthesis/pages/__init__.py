"""Pages for the ink network: writing on all sorts of paper, and masks that tell where it is."""
