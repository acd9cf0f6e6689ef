"""Names of sound cards that stay the same when cards are added, removed or found in another order."""

import re
from dataclasses import dataclass
from pathlib import Path

_HARDWARE = re.compile(r"\(hw:(\d+),(\d+)\)$")  # how PortAudio ends the name of a real card's device
_USB_PLACE = re.compile(r"\d+-\d+(\.\d+)*")  # bus and ports, as in /sys/bus/usb/devices

_NO_CARDS = frozenset(
    """a52 default dmix dsnoop front hdmi iec958 jack lavrate modem null oss phoneline pipewire pulse samplerate speex
    speexrate spdif surround21 surround40 surround41 surround50 surround51 surround71 sysdefault upmix usbstream
    vdownmix""".split()  # noqa: SIM905 - as a list of strings it would be 25 lines
)
"""ALSA's names for conversions and shares: any of them may move a line to another card behind its back."""


@dataclass(frozen=True, slots=True)
class SoundCard:
    """A card that can record. ``name`` is what a line's ``card`` in the configuration says.

    ``name`` is the USB socket for a USB card (two equal ones are told apart by where they are plugged in), else ALSA's
    id of the card; ``also`` are other names it answers to. ``channels`` and ``rate`` (Hz) are its own.
    """

    name: str
    title: str
    channels: int
    rate: int
    also: tuple[str, ...] = ()

    def answers_to(self, name: str) -> bool:
        """Return whether a configuration that says ``name`` means this card."""
        return name in (self.name, *self.also)


def sound_card(
    title: str,
    channels: int,
    rate: int,
    proc: Path = Path("/proc/asound"),
    sys: Path = Path("/sys/class/sound"),
) -> SoundCard | None:
    """Name the card that PortAudio calls ``title``; None for what is no card of its own.

    A name without ``(hw:N,M)`` that is none of ALSA's shares was put into its configuration by somebody: it is kept.
    """
    hardware = _HARDWARE.search(title)
    if hardware is None:
        return None if title.split(":", maxsplit=1)[0] in _NO_CARDS else SoundCard(title, title, channels, rate)
    number, device = hardware.groups()
    alsa_id = _first_line(proc / f"card{number}" / "id") or f"card{number}"
    tail = "" if device == "0" else f",{device}"
    by_id = f"hw:CARD={alsa_id}{tail}"
    place = _usb_place(sys / f"card{number}" / "device")
    if place is None:
        return SoundCard(by_id, title, channels, rate)
    return SoundCard(f"usb:{place}{tail}", title, channels, rate, also=(by_id,))


def is_there(name: str, proc: Path = Path("/proc/asound"), sys: Path = Path("/sys/class/sound")) -> bool | None:
    """Return whether the kernel has the card ``name`` now; None where only opening it would tell.

    It costs a look into two folders, where asking PortAudio costs a process.
    """
    if not proc.is_dir():
        return None
    wanted = name.split(",", maxsplit=1)[0]
    if wanted.startswith("hw:CARD="):
        return (proc / wanted.removeprefix("hw:CARD=")).exists()
    if wanted.startswith("usb:"):
        return any(_usb_place(card / "device") == wanted.removeprefix("usb:") for card in sys.glob("card*"))
    return None


def not_there(name: str) -> str:
    """Return what is said of a card that is not there."""
    return f"The sound card “{name}” is not there. Plug it in, or choose one that is listed."


def _usb_place(device: Path) -> str | None:
    """Return the USB socket of a card, ``1-1.2``; None when it is on no USB."""
    if not device.exists():
        return None
    place = device.resolve().name.split(":")[0]  # a card's device is an interface of the USB device, 1-1.2:1.0
    return place if _USB_PLACE.fullmatch(place) else None


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
