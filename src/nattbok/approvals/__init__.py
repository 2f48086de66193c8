"""Who must say yes: steps, limits, two in union; a yes is bound to the content."""
