"""The durable record of members, dispatches, requests and deliveries."""
