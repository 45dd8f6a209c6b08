"""Verification: is a picture ours, which job made it, and was it changed since?"""

from worker.verification.examiner import Examination, Examiner
from worker.verification.job_lookup import JobLookup
from worker.verification.verdict import conclude_verdict

__all__ = ["Examination", "Examiner", "JobLookup", "conclude_verdict"]
