"""The command: words and colours, one file for each subcommand."""
