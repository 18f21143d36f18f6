"""Adapters: one file for each venue's account statements, which holds its entry (`registry`)."""
