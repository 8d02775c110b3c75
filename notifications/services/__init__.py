"""Everything that writes: planning, the claims on messages, delivery."""
