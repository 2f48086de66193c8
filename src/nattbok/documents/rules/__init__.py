"""What decides over documents: what is kept, who they are from, how they are coded, what is asked."""
