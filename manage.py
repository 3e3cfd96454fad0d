#!/usr/bin/env python3
"""Aisle's one entry point: `python3 manage.py up`, `python3 manage.py test`, and everything else."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the reason this file is written for any Python
    sys.exit("Aisle needs Python 3.11 or newer; this is " + sys.version.split()[0])

from store.runtime import commands

if __name__ == "__main__":
    sys.exit(commands.main(sys.argv[1:]))
