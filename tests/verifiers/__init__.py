"""The two programs that check the published data without our code, and what they must notice."""
