"""What is written down of a day's work beside the cases (R84–R89), and what operators read from (R71)."""
