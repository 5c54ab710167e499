"""``make bench``: what the running system costs, beside the least it could cost on the same machine in the same run."""
