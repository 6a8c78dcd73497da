"""People on the line: operators, queues, conferences, transfers, and the emergency bridge."""
