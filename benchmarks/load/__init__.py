"""`make load`: the verification service under load, on loopback."""
