"""Run the command line as `python -m cmsite`."""

from cmsite.cli import main

if __name__ == "__main__":
    main()
