"""Writing the files that banks and senders of e-invoices write, each from the shape it is read into."""
