"""Offline Python: trains the weights, turns them into a model folder, calibrates and checks it.

A room imports only rooms that stand before it: `data`, `model`, `fit`, `stacked`, `export`, `calibration`, `payload`,
`report`. Commands (`python -m training.<command>`) stand above them all and only read arguments; what a command
does is in the module of the same name in its room.
"""
