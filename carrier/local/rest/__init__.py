"""Twilio's REST API, version 2010-04-01: calls, numbers and messages."""
