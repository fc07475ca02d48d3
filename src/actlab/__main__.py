"""``python -m actlab``."""

import sys

from actlab.cli import main

sys.exit(main())
