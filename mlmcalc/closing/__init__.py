"""The life of a period: what a run becomes when people decide about it."""
