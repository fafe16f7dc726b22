"""Documents a person writes: strict YAML with the line and column of every value, and models checked against it."""
