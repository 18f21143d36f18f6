"""The credential circuit, one folder for each version of its statement."""
