"""What the model does on dev, and the model card."""
