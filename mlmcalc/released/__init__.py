"""Runs repeated by the arithmetic they were made with: this package, or a frozen copy that nobody imports."""
