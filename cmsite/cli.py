"""The command line: lazy subcommands; errors become exit codes only here."""


def main() -> None:
    """Run the command line."""
