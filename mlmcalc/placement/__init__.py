"""The words of a placement rule: a YAML document of its own, or a section of one."""
