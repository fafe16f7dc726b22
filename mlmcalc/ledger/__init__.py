"""Lines, control totals and the equation; nothing is edited once posted."""
