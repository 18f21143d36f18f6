"""Onboarding requests, and the one sender that brings them to a registry."""
