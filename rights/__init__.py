"""What a person may ask of whoever keeps their data: to have it, and to have it erased (requirements §5)."""
