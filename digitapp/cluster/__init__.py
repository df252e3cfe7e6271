"""A job over very many pictures, here or on a cluster, taken up wherever it stopped."""
