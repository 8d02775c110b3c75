"""PostgreSQL and Valkey out of wheels, for a machine on which nobody installed them.

`servers(home())` runs whichever has no address in the environment (DATABASE_URL,
REDIS_URL). They speak on Unix sockets only, keep their data below `home`, and end with
the process that started them, however that one ends.

Where things are:
* data in `<home>/pg` and `<home>/valkey`, sockets in `<home>/s`, logs in `<home>/log`;
* PostgreSQL refuses to run as root, so under root both run as the owner of the data, or
  at first as `postgres` or `nobody`. Where that user cannot reach `home`, data and
  sockets are in `/var/lib/atrium/<hash of the path>`, and `<home>/elsewhere` points
  there. Without that link (`home` was removed) what lies there is set aside as `*.old`;
* a socket's path must fit into some hundred bytes: below a longer `home` the sockets
  are in `/tmp/atrium-<uid>-<hash>`, or under root in the folder above.

The wheels' own starters are not used: as root, one of them makes a user and opens
every parent folder to the world.
"""

from __future__ import annotations

from config.embedded.errors import CannotStart
from config.embedded.place import database_url, home, redis_url
from config.embedded.processes import die_with_parent, lock, open_log, private_opener
from config.embedded.servers import Servers, servers

__all__ = [
    "CannotStart",
    "Servers",
    "database_url",
    "die_with_parent",
    "home",
    "lock",
    "open_log",
    "private_opener",
    "redis_url",
    "servers",
]
