"""Bảng Tin: a commune's notices, approved, signed, on its website and on its boards."""

__version__ = "0.1.0"
