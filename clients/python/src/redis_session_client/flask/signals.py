"""Signals of the sessions, by blinker, as Flask's own. The sender is the application.

    @session_logged_in.connect_via(app)
    def count(sender, user):
        ...

Receivers run within the request. What one raises is the request's error, as with Flask's signals.
"""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

session_logged_in = _signals.signal("redis-session-logged-in")
"""A login was stored. Argument: `user`, a str."""
session_logged_out = _signals.signal("redis-session-logged-out")
"""A live session was ended by this request. Argument: `user`, a str, or None without a user."""
session_refused = _signals.signal("redis-session-refused")
"""A request's session, or the request itself, is refused. Argument: `reason`, a str: `schema`,
`no_object`, `two_sessions` or `origin`."""
session_lost = _signals.signal("redis-session-lost")
"""What a request wrote is dropped, because its session has ended. Argument: `user`, a str or None.
"""
