"""What is told of the calls: of a campaign to whoever asked for it, and of a day, a week, a month (R23, R49)."""
