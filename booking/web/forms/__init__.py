"""Shapes of what people type; what is allowed is for the services to say."""
