"""The trade itself: rules and figures, with no web, no request and no current user in them."""
