"""Telling people: what the watchman released becomes messages, and messages are sent until they are taken.

settings   `hub.toml`: who is told, by which way
wording    what a message says (pure)
digest     the morning's message
outbox     messages in the store, until they are sent or given up
mail       one message by SMTP
webhook    one message by HTTP
postman    the loop that sends, and the dead man's ping
"""
