"""Offers: services, the components they are priced from, and every revision of both."""
