#!/usr/bin/env python3
"""The same program as the installed `newsletter`."""

from newsletter.cli.main import cli

if __name__ == "__main__":
    cli(prog_name="send.py")
