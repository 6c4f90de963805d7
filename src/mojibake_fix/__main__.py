"""`python -m mojibake_fix` is `fixmoji`."""

from .cli import run

if __name__ == "__main__":
    run()
