"""Adapters: one file for each venue's account statements."""
