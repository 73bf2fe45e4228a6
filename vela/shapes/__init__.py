"""What Vela answers: one pydantic model for each thing, shared by the JSON API and by agents."""
