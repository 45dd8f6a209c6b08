"""Verification: is a picture ours, which job made it, and was it changed since?

``job_lookup`` is not imported here: it brings Google's clients, which the processes that compute do not need.
"""

from worker.verification.examiner import Examination, Examiner
from worker.verification.verdict import conclude_verdict

__all__ = ["Examination", "Examiner", "conclude_verdict"]
