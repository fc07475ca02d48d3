"""``python -m actlab.study.claims DIR``: for maintainers, puts the ledger of DIR into the package."""

from __future__ import annotations

import sys
from pathlib import Path

from actlab.study.claims import ledger

if __name__ == "__main__":
    Path(__file__).with_name("shipped.json").write_bytes(ledger.ship(ledger.read(sys.argv[1])))
