"""The workspace of a company: where its plan and tables are, what its columns are called, what it expects to find."""
