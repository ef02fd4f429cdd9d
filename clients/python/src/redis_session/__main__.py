from .deploy import main

raise SystemExit(main())
