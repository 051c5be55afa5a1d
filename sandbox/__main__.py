"""`python -m sandbox`: the sandbox alone, with nothing but Python's standard library."""

import argparse
import sys

from sandbox.command import HELP, CannotStart, add_options, build, serve

parser = argparse.ArgumentParser(prog="python -m sandbox", description=HELP)
add_options(parser)
try:
    serve(build(**vars(parser.parse_args())))
except CannotStart as error:
    sys.exit(str(error))
