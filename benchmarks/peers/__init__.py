"""What somebody would use instead, each on the same job (see `benchmarks.job`)."""
