"""A hub as five CSV files: organisations, people, sites, resources and what they need.

Import adds and changes, and never removes: who or what is not in a file stays.
"""
