"""Offline Python of DIMEE Playground: export, calibrate, record traces, check parity."""
