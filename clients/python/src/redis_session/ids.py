"""Cookies and keys: how one is made from the other.

A cookie holds `<token>`, in a cluster `<tag>.<token>`. Its exact shape is checked before a key
is built from it, so nothing that a browser sends can name any key but a session's of this prefix,
and the key of a session, which listings and events show, is no cookie.
"""

from __future__ import annotations

import hashlib
import re
import secrets

# 43 characters of base64url are 258 bits for 256: the last character ends in two zero bits. Another
# last character would be a second spelling of the same bytes, though not of the same key.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)
_BARE = re.compile(r"[0-9a-f]{32}", re.ASCII)
_TAG = re.compile(r"[0-9a-f]{4}", re.ASCII)


def key_of_token(prefix: str, token: str) -> str:
    """The key of the session that this token opens. `prefix` is all that stood before the `*`."""
    return f"{prefix}t{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def random_tag() -> str:
    """Four random hex digits, which spread sessions over all slots of a cluster."""
    return secrets.token_hex(2)


def tag_of_user(user: str) -> str:
    """A tag that keeps the sessions of one user in one slot, whoever else is there.

    So `max_sessions` is exact in a cluster. It has the shape of a random tag, and the user's name
    does not show in it.
    """
    return hashlib.sha256(user.encode()).hexdigest()[:4]


def hash_tag(key: str) -> str | None:
    """The part of a key that decides on its slot, where that is not the whole key."""
    _, opened, rest = key.partition("{")
    tag, closed, _ = rest.partition("}")
    return tag if opened and closed and tag else None


class Ids:
    """The keys and cookies of one application's sessions.

    `prefix` is where all keys begin. `tagged` says that they have a hash tag, as a cluster needs.
    With `bare` the ID itself is the cookie, as 32 hex digits: a secret that shows in key listings,
    events and dumps. Without it the cookie is a token that the server does not keep.
    """

    def __init__(
        self, prefix: str = "session:", *, tagged: bool = False, bare: bool = False
    ) -> None:
        if "{" in prefix or "*" in prefix:
            raise ValueError("a prefix has no '{' and no '*'; tagged=True adds the hash tag")
        self.prefix = prefix
        self.tagged = tagged
        self.bare = bare

    def _before(self, tag: str) -> str:
        return f"{self.prefix}{{{tag}}}:" if self.tagged else self.prefix

    def pattern(self, tag: str | None = None) -> str:
        """What SESSION.SET takes for a new session. `tag` is four hex digits; random if None."""
        if tag is not None and not _TAG.fullmatch(tag):
            raise ValueError("a tag is four hex digits")
        return self._before(tag or (random_tag() if self.tagged else "")) + "*"

    def pattern_beside(self, key: str) -> str:
        """What SESSION.ROTATE takes: a pattern in the slot of `key`."""
        return self.pattern(hash_tag(key) if self.tagged else None)

    def cookie(self, key: str, token: str) -> str:
        """The cookie for a session that was just made or rotated."""
        tag = hash_tag(key) if self.tagged else None
        secret = key[-32:] if self.bare else token
        return f"{tag}.{secret}" if tag else secret

    def shaped(self, cookie: str) -> bool:
        """Whether this has exactly the shape of a cookie."""
        secret = cookie
        if self.tagged:
            tag, dot, secret = cookie.partition(".")
            if not dot or not _TAG.fullmatch(tag):
                return False
        return (_BARE if self.bare else _TOKEN).fullmatch(secret) is not None

    def key(self, cookie: str) -> str | None:
        """The key that a cookie opens; None where it has not exactly the shape of one."""
        if not self.shaped(cookie):
            return None
        tag, secret = cookie.split(".") if self.tagged else ("", cookie)
        before = self._before(tag)
        return before + secret if self.bare else key_of_token(before, secret)
