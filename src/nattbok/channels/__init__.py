"""How files come and go. Knows no clients and no database."""
