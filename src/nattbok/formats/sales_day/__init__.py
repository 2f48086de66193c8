"""What others have sold or collected for a client, and paid out: card and wallet settlements."""
