"""Delivering: taking what the outbox holds to the addresses of webhooks, over HTTP."""
