"""Users, their sign-ins and tokens, and who may do what."""
