"""The one place that knows all the others."""
