"""The PyTorch model with its exit ramps, its weights file, and where weights came from."""
