"""Acts: who did what, when, why, on what evidence; and the undoing of them."""
