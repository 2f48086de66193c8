"""The words everything is said in. Pure: no database, no clock, no settings."""
