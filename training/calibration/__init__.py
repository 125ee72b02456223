"""Temperatures, thresholds and all else that policies need, fitted on recorded exits."""
