"""The e-invoice network: a directory, an access point with an inbox per participant, and senders."""
