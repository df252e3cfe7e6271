"""What is drawn, composed and distorted here: images to train on, and numbers to measure with."""
