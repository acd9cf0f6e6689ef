"""``python -m appliance``: the same as ``linekeeper``."""

import sys

from appliance.cli import main

if __name__ == "__main__":
    sys.exit(main())
