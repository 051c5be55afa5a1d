"""Measurements of the portal in real processes: `make bench` prints them as ratios to a baseline of the same run."""
