"""What a voucher says, whether it can be posted, and what keys do to it."""
