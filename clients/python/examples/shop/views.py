"""Texts of the pages: times and names of browsers."""

import time


def ago(ms: int) -> str:
    """How long ago a time was, such as `2 hours ago`. `ms` is a Unix time in milliseconds."""
    seconds = max(0, int(time.time()) - ms // 1000)
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def browser_of(agent: str) -> str:
    """A name by which users recognize a device, from its User-Agent. For display only."""
    browsers = {
        "Edg/": "Edge",
        "Firefox/": "Firefox",
        "Chrome/": "Chrome",
        "Safari/": "Safari",
        "curl/": "curl",
    }
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS X": "macOS",
        "Linux": "Linux",
    }
    browser = next((name for mark, name in browsers.items() if mark in agent), "A browser")
    system = next((name for mark, name in systems.items() if mark in agent), "")
    return f"{browser} on {system}" if system else browser
