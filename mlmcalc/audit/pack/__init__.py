"""What an auditor's pack holds: sections of checked lists, a drawn sample, and what is needed to recalculate it."""
