"""Verification: whether a picture is ours, which job made it, and what became of it since."""

from .examination import Examination, Examiner
from .ledger import Ledger
from .verdict import conclude

__all__ = ["Examination", "Examiner", "Ledger", "conclude"]
