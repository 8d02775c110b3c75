"""Everything that writes. Each public function is one transaction and asks first."""
