#!/usr/bin/env python
"""Run a management command, with a database beside it if none is configured."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext

from config import embedded

# They read no data, so they start no server.
WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "startapp",
    "version",
}


def needs_servers(arguments: list[str]) -> bool:
    """Tell whether the command in these arguments talks to a server."""
    command = arguments[0] if arguments else "help"
    about = {"--help", "-h", "--version"} & set(arguments)
    return command not in WITHOUT_SERVERS and not about


def main() -> None:
    """Run the command of the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    needed = needs_servers(sys.argv[1:])
    try:
        with embedded.servers(embedded.home()) if needed else nullcontext():
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except embedded.CannotStart as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
