"""The pages of the accountants, one file per department."""
