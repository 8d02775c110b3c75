"""Everything that writes. `ledger` is the only one that occupies and releases."""
