"""Bills as people send them: PDFs, scans, photos from a phone; and what means no good."""
