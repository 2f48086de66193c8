"""What decides about expense claims: what is missing, what a receipt comes to, and the entry."""
