"""`python -m nattbok`: the same as the `nattbok` command."""

import sys

from nattbok.site.cli import main

if __name__ == "__main__":
    sys.exit(main())
