"""The only door for frames and files: in, with every check; out, whole or not at all."""
