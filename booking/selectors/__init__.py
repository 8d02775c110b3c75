"""Everything that reads; each question is one statement."""
