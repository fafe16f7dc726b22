"""Ladders: who holds which rank, and what the next one needs."""
