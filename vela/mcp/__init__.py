"""The face for agents: tools and resources over stdio."""
