"""Pages of the errand: form in, command, redirect or fragment out; no rules."""
