"""``python -m`` of a mortal worker; the argument is the directory that remembers who has struck already.

The worker's processes import this module again, so what only the parent needs is imported below.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from tests.e2e.event_path.mortal import run_mortal

    run_mortal(sys.argv[1])
