"""`python -m mojibake_fix` is `fixmoji`."""

import sys

from .cli import run

if __name__ == "__main__":
    sys.exit(run())
