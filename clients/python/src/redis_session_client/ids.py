"""Cookies and keys: a session's key is computed from its cookie, by hashing the token.

A cookie is `<token>`, in a cluster `<tag>.<token>`. Its exact shape is checked before a key is
computed, so a browser can name no key except a session's under this prefix. A key, which listings
and events show, does not reveal the cookie.

`sessionctl import` makes the keys of sessions that another library made, by the same hash of the ID
that their visitors have as a cookie. Such an ID has no tag; its hash gives it one.
"""

from __future__ import annotations

import hashlib
import re
import secrets

# A token is 256 bits in 43 characters of base64url, which hold 258: the last two bits are zero. Any
# other last character would be a second spelling of the same bytes, with another key.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)
_BARE = re.compile(r"[0-9a-f]{32}", re.ASCII)
_TAG = re.compile(r"[0-9a-f]{4}", re.ASCII)
# 32 hex digits of starsessions, 32 letters and digits of Django, 43 characters of fastapi-redis-sdk
# and Flask-Session, and what other libraries use. A handle, t and 32 hex digits, is no cookie.
_IMPORTED = re.compile(r"(?!t[0-9a-f]{32}\Z)[A-Za-z0-9_-]{20,200}", re.ASCII)


def key_of_token(prefix: str, token: str) -> str:
    """The key of this token's session. `prefix` is the pattern's part before its `*`."""
    return f"{prefix}t{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def is_imported(text: str) -> bool:
    """Whether the text has the shape of an ID that another library can have made."""
    return _IMPORTED.fullmatch(text) is not None


def random_tag() -> str:
    """Four random hex digits. They spread sessions over all slots of a cluster."""
    return secrets.token_hex(2)


def tag_of_user(user: str) -> str:
    """A tag that keeps all sessions of one user in one slot, so that `max_sessions` is exact.

    It has the shape of a random tag and does not show the user's name. Other users may share it.
    """
    return _tag_of(user)


def _tag_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:4]


def hash_tag(key: str) -> str | None:
    """The hash tag of a key, which decides its slot; None if the whole key does."""
    _, opened, rest = key.partition("{")
    tag, closed, _ = rest.partition("}")
    return tag if opened and closed and tag else None


class Ids:
    """The keys and cookies of one application's sessions.

    All keys begin with `prefix`. `tagged` adds a hash tag, which a cluster needs. With `bare` the
    ID itself (32 hex digits) is the cookie: a secret that key listings, events and dumps show.
    Without `bare` the cookie is a token that the server does not store. With `imported`, cookies of
    sessions that `sessionctl import` has moved here are cookies, too.
    """

    def __init__(
        self,
        prefix: str = "session:",
        *,
        tagged: bool = False,
        bare: bool = False,
        imported: bool = False,
    ) -> None:
        if "{" in prefix or "*" in prefix:
            raise ValueError("a prefix has no '{' and no '*'; tagged=True adds the hash tag")
        if bare and imported:
            raise ValueError(
                "imported is for tokens: a bare ID looks like the ID of another library"
            )
        self.prefix = prefix
        self.tagged = tagged
        self.bare = bare
        self.imported = imported

    def _before(self, tag: str) -> str:
        return f"{self.prefix}{{{tag}}}:" if self.tagged else self.prefix

    def pattern(self, tag: str | None = None) -> str:
        """The pattern for SESSION.SET. `tag` is four hex digits, random if None."""
        if tag is not None and not _TAG.fullmatch(tag):
            raise ValueError("a tag is four hex digits")
        return self._before(tag or (random_tag() if self.tagged else "")) + "*"

    def pattern_beside(self, key: str) -> str:
        """The pattern for SESSION.ROTATE, in the slot of `key`."""
        return self.pattern(hash_tag(key) if self.tagged else None)

    def cookie(self, key: str, token: str) -> str:
        """The cookie of a session that was just created or rotated."""
        tag = hash_tag(key) if self.tagged else None
        secret = key[-32:] if self.bare else token
        return f"{tag}.{secret}" if tag else secret

    def shaped(self, cookie: str) -> bool:
        """Whether the text has exactly the shape of a cookie."""
        return self._own(cookie) or (self.imported and is_imported(cookie))

    def _own(self, cookie: str) -> bool:
        """Whether the text has the shape of a cookie that this class makes."""
        secret = cookie
        if self.tagged:
            tag, dot, secret = cookie.partition(".")
            if not dot or not _TAG.fullmatch(tag):
                return False
        return (_BARE if self.bare else _TOKEN).fullmatch(secret) is not None

    def key(self, cookie: str) -> str | None:
        """The key of a cookie's session; None if the text does not have the shape of a cookie."""
        if not self.shaped(cookie):
            return None
        tag, secret = "", cookie
        if self.tagged:
            # Only an imported ID has no tag.
            tag, secret = cookie.split(".") if "." in cookie else (_tag_of(cookie), cookie)
        before = self._before(tag)
        return before + secret if self.bare else key_of_token(before, secret)

    def retired(self, key: str) -> str:
        """The key that marks `key` as retired. It lies in the same slot, and no cookie names it."""
        before = key[:-32] if self.bare else key[:-33]  # a token's key has a t before the ID
        return f"{before}r{key[-32:]}"
