"""What starts, watches and ends the processes of a host, and what they tell each other about it."""
