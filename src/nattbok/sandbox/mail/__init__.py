"""A mail server: mailboxes that take mail by SMTP and give it by IMAP, over real sockets; and senders."""
