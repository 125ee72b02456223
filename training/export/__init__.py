"""Weights as ONNX files, the manifest that lists them, and what runs and checks them."""
