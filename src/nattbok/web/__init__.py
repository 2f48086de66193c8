"""Pages on the server, htmx for the parts that change."""
