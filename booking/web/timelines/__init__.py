"""Timelines: what is open and taken, as tables and lists."""
