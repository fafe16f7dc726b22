"""Explaining and comparing finished runs; everything is recomputed by the rules that paid."""
