"""``python -m tools.reference [--check]``: renews the made sections of docs/*.md.

With ``--check`` nothing is written: the pages that differ are named, and if there are any, it fails.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.reference.pages import find_outdated_pages, renew_page

DOCS = Path("docs")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.reference", description="Renew docs/*.md.")
    parser.add_argument("directory", nargs="?", type=Path, default=DOCS)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the pages differ")
    options = parser.parse_args(arguments)
    differs = find_outdated_pages(options.directory)
    if not options.check:
        for page in differs:
            page.write_text(renew_page(page.read_text("utf-8")), "utf-8")
        return 0
    for page in differs:
        print(f"{page} differs from the code: run python -m tools.reference", file=sys.stderr)
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
