"""`python -m contracts.build`: see `contracts.build.compile`."""

from contracts.build.compile import main

raise SystemExit(main())
