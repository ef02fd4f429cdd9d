"""`python -m redis_session`: see deploy.py."""

from .deploy import main

raise SystemExit(main())
