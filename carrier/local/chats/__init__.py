"""WhatsApp on the local carrier: people who write, what they send, and the answers they read."""
