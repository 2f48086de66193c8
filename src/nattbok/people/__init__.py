"""A client's own people: who is let in, with which rights, how they are invited, and when they leave."""
