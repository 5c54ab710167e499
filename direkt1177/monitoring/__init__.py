"""Health, readiness and figures for whoever runs the service (R-16); part of the composition root, knows all apps."""
