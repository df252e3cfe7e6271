"""Trains, measures and exports the networks: `python -m train`. README.md here tells how.

Imports point one way: data <- synthesis <- networks <- evaluation <- __main__.
"""


class TrainError(ValueError):
    """Something that the person who trains can put right: the message is a sentence for them."""
