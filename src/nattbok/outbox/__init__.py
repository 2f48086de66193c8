"""What is to leave the house, sent once, with its receipts."""
