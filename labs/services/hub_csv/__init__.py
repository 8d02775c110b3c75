"""A hub as four CSV files: organisations, people, sites and resources.

Import adds and changes, and never removes: who or what is not in a file stays.
"""
