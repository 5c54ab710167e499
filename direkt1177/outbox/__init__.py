"""DO: side effects as rows with leases."""
