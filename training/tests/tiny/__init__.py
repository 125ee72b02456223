"""A tiny model that is all there: weights, tokenizer, sentences of our own, calibration and traces."""
