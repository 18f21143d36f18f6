"""What is proven of the arithmetic of effective terms, each with mutants of the text."""

from tests.analysis.claims import clocks, conduct, regime, terms
from tests.analysis.claims.case import CHECKS, Check

LIBRARIES = ("Glide", "Effective", "Regime", "Conduct", "Days")

__all__ = ["CHECKS", "LIBRARIES", "Check", "clocks", "conduct", "regime", "terms"]
