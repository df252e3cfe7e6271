"""How good a network and the whole program are: figures, charts and the model card."""
