"""The whole portal in real processes, end to end: web, workers and a sandbox account, on loopback.

`Stage` starts and ends them; `make torture` (torture.py) breaks them and counts incidents; benchmarks/ measures them.
"""
