"""What an outsider can verify of a run, or of an exported archive, with nothing else at hand."""
