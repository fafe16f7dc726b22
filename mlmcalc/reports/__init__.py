"""Pages for readers: HTML that stands alone, loads nothing and runs nothing."""
