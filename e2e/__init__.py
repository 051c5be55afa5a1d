"""Trials of the whole portal in real processes: `make torture` breaks it, `make bench` measures it."""
