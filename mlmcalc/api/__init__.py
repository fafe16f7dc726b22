"""The public library: a plan and frames in, a run out."""
