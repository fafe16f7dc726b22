"""The order of the stages, and the record of a run."""
