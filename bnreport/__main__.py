"""Run the command line: python -m bnreport."""

from bnreport.cli import main

if __name__ == "__main__":
    main()
