"""`python -m newsletter` is the same program."""

from newsletter.cli.main import cli

cli(prog_name="newsletter")
