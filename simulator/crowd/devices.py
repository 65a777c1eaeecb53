"""What people open tasks with: devices, their systems and browsers, and in which versions these are about."""

from collections.abc import Mapping

Shares = Mapping[str, float]
Versions = Mapping[tuple[int, int, int], float]

BY_CLIENT: Mapping[str, Shares] = {
    "BROWSER": {"PERSONAL_COMPUTER": 0.8, "SMARTPHONE": 0.17, "TABLET": 0.03},
    "TOLOKA_APP": {"SMARTPHONE": 0.95, "TABLET": 0.05},
}
"""Weights of device categories by client type."""
_MOBILE = {"ANDROID": 0.85, "IOS": 0.15}
SYSTEMS: Mapping[str, Shares] = {
    "PERSONAL_COMPUTER": {"WINDOWS": 0.86, "OS_X": 0.08, "LINUX": 0.05, "BSD": 0.01},
    "SMARTPHONE": _MOBILE,
    "TABLET": _MOBILE,
    "WEARABLE_COMPUTER": {"ANDROID": 1.0},
}
"""Weights of operating systems by device category."""
SYSTEM_VERSIONS: Mapping[str, Versions] = {
    "WINDOWS": {(10, 0, 19045): 0.8, (6, 1, 7601): 0.12, (6, 3, 9600): 0.08},
    "OS_X": {(14, 4, 1): 0.5, (13, 6, 0): 0.3, (10, 15, 7): 0.2},
    "MAC_OS": {(9, 2, 2): 1.0},
    "LINUX": {(6, 5, 0): 0.6, (5, 15, 0): 0.4},
    "BSD": {(13, 2, 0): 1.0},
    "ANDROID": {(14, 0, 0): 0.2, (13, 0, 0): 0.3, (12, 0, 0): 0.2, (10, 0, 0): 0.2, (8, 1, 0): 0.1},
    "IOS": {(17, 4, 1): 0.6, (16, 7, 0): 0.3, (15, 8, 2): 0.1},
    "BLACKBERRY": {(10, 3, 3): 1.0},
}
"""Weights of versions (major, minor, bugfix) by operating system."""
_DESKTOP = {"CHROME": 0.6, "YANDEX_BROWSER": 0.2, "FIREFOX": 0.13, "CHROMIUM": 0.05, "IE": 0.02}
BROWSER_VERSIONS: Mapping[str, Versions] = {
    "CHROME": {(123, 0, 6312): 0.7, (109, 0, 5414): 0.3},
    "CHROMIUM": {(122, 0, 6261): 1.0},
    "FIREFOX": {(124, 0, 1): 0.7, (115, 9, 0): 0.3},
    "SAFARI": {(17, 4, 1): 0.7, (15, 6, 1): 0.3},
    "YANDEX_BROWSER": {(24, 1, 5): 0.6, (23, 11, 0): 0.4},
    "IE": {(11, 0, 0): 1.0},
    "CHROME_MOBILE": {(123, 0, 6312): 0.8, (108, 0, 5359): 0.2},
    "MOBILE_FIREFOX": {(124, 0, 0): 1.0},
    "MOBILE_SAFARI": {(17, 4, 0): 0.7, (15, 6, 0): 0.3},
    "IE_MOBILE": {(11, 0, 0): 1.0},
}
"""Weights of versions by browser."""
AGENT_TYPES = ("BROWSER", "MOBILE_BROWSER", "OTHER")


def agent_type(client: str, device: str) -> str:
    """Return what a client on a device says it is: the app is no browser."""
    if client == "TOLOKA_APP":
        return "OTHER"
    return "BROWSER" if device == "PERSONAL_COMPUTER" else "MOBILE_BROWSER"


def browsers(device: str, system: str) -> Shares:
    """Return weights of the browsers that people use on such a device with such a system."""
    if device == "PERSONAL_COMPUTER":
        return {"SAFARI": 0.5, "CHROME": 0.5} if system == "OS_X" else _DESKTOP
    return {"MOBILE_SAFARI": 1.0} if system == "IOS" else {"CHROME_MOBILE": 0.9, "MOBILE_FIREFOX": 0.1}
