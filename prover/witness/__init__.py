"""Honest cells of the credential, one folder for each version of its statement."""
