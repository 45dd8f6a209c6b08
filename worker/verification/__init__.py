"""Verification: whether a picture is ours, which job made it, and what became of it since."""

from worker.verification.examiner import Examination, Examiner
from worker.verification.job_lookup import Ledger
from worker.verification.verdict import conclude

__all__ = ["Examination", "Examiner", "Ledger", "conclude"]
