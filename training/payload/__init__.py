"""Codecs of hidden states, and how often a payload changes the answer."""
