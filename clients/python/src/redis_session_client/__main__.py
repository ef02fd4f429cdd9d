"""`python -m redis_session_client`: see deploy.py."""

from .deploy import main

raise SystemExit(main())
