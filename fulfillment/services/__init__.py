"""What happens to an order: one function per use case, each in one transaction."""
