"""The business itself: its name, currency and time zone."""
