"""Pages of asynchronous cases."""
