"""
What several test folders share: small circuits, a synthetic credential, and the helper that tries
cheats.
"""
