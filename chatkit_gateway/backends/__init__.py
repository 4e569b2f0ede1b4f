"""What stands behind an assistant and issues its client secrets."""
