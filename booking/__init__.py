"""When: published availability, the ledger, reservations, policies and finding."""
