"""Who and what: organisations, memberships, people, sites, resources and units."""
