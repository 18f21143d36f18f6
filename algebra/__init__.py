"""Field, vectors, curve, hashing and their two backends."""
