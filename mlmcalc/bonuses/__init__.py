"""The bonus words, one file each."""
