"""Image files: their size in pixels, read from their first bytes."""

import struct


def measure(content: bytes) -> tuple[int, int] | None:
    """Give width and height of a PNG, GIF, JPEG or WebP file; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:  # noqa: PLR2004 - IHDR ends there
        return _pair(struct.unpack(">II", content[16:24]))
    if content[:6] in {b"GIF87a", b"GIF89a"} and len(content) >= 10:  # noqa: PLR2004 - the screen descriptor
        return _pair(struct.unpack("<HH", content[6:10]))
    if content.startswith(b"\xff\xd8"):
        return _measure_jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _measure_webp(content)
    return None


def _pair(size: tuple[int, ...]) -> tuple[int, int] | None:
    return (size[0], size[1]) if size[0] and size[1] else None


def _measure_jpeg(content: bytes) -> tuple[int, int] | None:
    """Go from marker to marker to the frame header (ITU T.81, annex B)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 - every marker begins so
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:  # noqa: PLR2004 - SOF0 to SOF15
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return _pair((width, height))
        at += 2 + length
    return None


def _measure_webp(content: bytes) -> tuple[int, int] | None:
    kind, data = content[12:16], content[20:30]
    if len(data) < 10:  # noqa: PLR2004 - the longest of the three headers
        return None
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[6:10])
        return _pair((width & 0x3FFF, height & 0x3FFF))
    if kind == b"VP8L":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    return None
