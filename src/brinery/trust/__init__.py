"""Who may build what."""
