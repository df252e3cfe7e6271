"""What is trained on and comes from elsewhere: MNIST and typefaces."""
