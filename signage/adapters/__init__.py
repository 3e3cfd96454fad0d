"""What lies outside the database."""
