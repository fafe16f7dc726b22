"""Recorded trees, and trees derived from them by compression: the words of `trees:`."""
