"""The example hub: invented members, rooms and weeks, so that `make demo` is alive.

What it is made of stands in `data/*.toml`. `load.hub_load` writes it, relative to the
present day and by a fixed seed; `logins` hands out the sign-ins of four people.
"""
