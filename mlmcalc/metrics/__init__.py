"""One number per member: the words of `metrics:`, one file each."""
