"""What a campaign will be, before anybody's telephone rings."""
