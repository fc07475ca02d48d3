"""The ledger of claims for people: what `actlab claims` prints, draws and writes."""

from __future__ import annotations

from actlab.report.ledger.page import write_pages
from actlab.report.ledger.picture import picture
from actlab.report.ledger.terminal import print_ledger, print_verdict
from actlab.report.ledger.words import sentence

__all__ = ["picture", "print_ledger", "print_verdict", "sentence", "write_pages"]
