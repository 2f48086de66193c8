"""What people pay for the company and get back: receipts, claims, their approval and posting."""
