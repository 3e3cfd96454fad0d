"""What people and devices do at a till: one function per deed."""
