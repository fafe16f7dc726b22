"""Measurements, outside the test run. `python -m benchmarks.report` makes the table in README.md."""
