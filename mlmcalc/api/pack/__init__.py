"""Gathering an auditor's pack: what is read of a run and of its inputs for every section."""
