"""Figures, and how to repeat them."""
