"""Who is told: messages and reminders, planned from booking's history."""
