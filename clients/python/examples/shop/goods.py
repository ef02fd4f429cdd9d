"""Items, orders and accounts of the shop. Nothing here deals with sessions."""

import hashlib
import hmac
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone


@dataclass(frozen=True)
class Item:
    """An item for sale; `cents` is its price. Its picture is templates/pictures/<id>.svg."""

    id: str
    name: str
    about: str
    cents: int

    @property
    def price(self) -> str:
        return euros(self.cents)


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02} €"


ITEMS = {
    item.id: item
    for item in (
        Item("tea", "Green tea", "Sencha, first harvest, 100 g", 890),
        Item("bread", "Sourdough bread", "Baked this morning, 750 g", 540),
        Item("honey", "Forest honey", "From the next village, 500 g", 720),
        Item("cheese", "Mountain cheese", "Ripened for a year, 300 g", 980),
        Item("lemons", "Lemons", "Unwaxed, a net of six", 350),
        Item("candle", "Beeswax candle", "Burns for forty hours", 1150),
    )
}


@dataclass
class Order:
    """One order: its lines are items with their number."""

    user: str
    lines: list[tuple[Item, int]]
    time: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    number: int = field(default_factory=lambda: secrets.randbelow(900_000) + 100_000)

    @property
    def total(self) -> str:
        return euros(sum(item.cents * count for item, count in self.lines))


def counted(cart: dict[str, str]) -> list[tuple[Item, int]]:
    """The items of a cart, each with its number."""
    counts = Counter(item for item in cart.values() if item in ITEMS)
    return [(ITEMS[item], count) for item, count in counts.items()]


@dataclass(frozen=True)
class Account:
    """A user with a salted hash (scrypt) of the password."""

    user: str
    name: str
    role: str
    salt: bytes
    digest: bytes

    @classmethod
    def made(cls, user: str, name: str, role: str, password: str) -> "Account":
        salt = secrets.token_bytes(16)
        return cls(user, name, role, salt, _digest(password, salt))


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


ACCOUNTS = {
    account.user: account
    for account in (
        Account.made("ada", "Ada", "customer", "lovelace"),
        Account.made("grace", "Grace", "manager", "hopper"),
    )
}
_NOBODY = Account.made("", "", "customer", secrets.token_hex(16))


def authenticated(user: str, password: str) -> Account | None:
    """The account, or None. A wrong user takes as long as a wrong password, which hides users."""
    account = ACCOUNTS.get(user, _NOBODY)
    same = hmac.compare_digest(account.digest, _digest(password, account.salt))
    return account if same and account.user else None
