"""Letters of before Unicode, by the font that they are set in: TCVN3 (`.VnTime`) and VNI (`VNI-Times`).

The font says which it is, so nothing is guessed. TCVN3 is TCVN 5712:1993 VN3 (a test holds its table against
glibc's `TCVN5712-1`); a font whose name ends in H shows small letters as capitals. VNI writes a letter and then its
mark as two. A letter that no table has makes the text uncertain: `UnsureError`, and a person must convert it.
"""

from __future__ import annotations

import re
import unicodedata

TCVN3, VNI = "TCVN3", "VNI"
TCVN3_LETTERS = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦"
_MEANT = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ"
_TCVN3 = dict(zip(TCVN3_LETTERS, _MEANT, strict=True))
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT, _HAT, _BREVE = "\u0300\u0301\u0309\u0303\u0323\u0302\u0306"
_MARKS = {
    "ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _HAT, "à": _HAT + _GRAVE, "á": _HAT + _ACUTE, "å": _HAT + _HOOK, "ã": _HAT + _TILDE, "ä": _HAT + _DOT,
    "ê": _BREVE, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "ë": _BREVE + _DOT,
}  # fmt: skip
_WHOLE = {"ñ": "đ", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "ô": "ơ", "ö": "ư", "î": "ỵ"}
_TAKES = {"ô": "øùûõï", "ö": "øùûõï", "y": "øùûõ", "u": "øùûõï", "o": "øùûõïâàáåãä", "e": "øùûõïâàáåãä"} | {
    "a": "".join(_MARKS)
}
_PAIR = re.compile(r"([aeouyôö])([øùûõïâàáåãäêèéúüë])", re.IGNORECASE)
_FOREIGN = "–—‘’“”…•°²³½¼×÷\u00a0§±"  # signs that every font of the time had at their own place


class UnsureError(ValueError):
    """A letter that the font's encoding does not have."""


def encoding_of(font: str) -> str | None:
    """The old encoding of a font, by its name; None for a font with Unicode's letters."""
    if re.match(r"\.vn", font, re.IGNORECASE):
        return TCVN3
    return VNI if re.match(r"vni[- ]", font, re.IGNORECASE) else None


def is_old(text: str) -> bool:
    """Whether letters of the text can be of an old encoding: Word keeps such fonts on text typed in Unicode too."""
    return any(ord(c) > 0x7F for c in text) and not any(0x100 <= ord(c) < 0x2000 for c in text)


def unicode_of(text: str, font: str) -> str:
    """The text that the font showed. Raises `UnsureError`."""
    found = _from_tcvn3(text) if encoding_of(font) == TCVN3 else _from_vni(text)
    return found.upper() if encoding_of(font) == TCVN3 and font.rstrip().endswith(("H", "h")) else found


def split_mark(before: str, text: str) -> int:
    """How many letters of `text` are VNI's mark of the last letter of `before`: a run of Word may end between them."""
    return 1 if text and before and _PAIR.fullmatch(before[-1] + text[0]) and _fits(before[-1], text[0]) else 0


def _from_tcvn3(text: str) -> str:
    if strange := [c for c in text if 0x80 <= ord(c) < 0x100 and c not in _TCVN3 and c not in "\u00a0°±²³"]:
        raise UnsureError(strange[0])
    return "".join(_TCVN3.get(c, c) for c in text)


def _from_vni(text: str) -> str:
    out, at = [], 0
    while at < len(text):
        letter, mark = text[at], text[at + 1 : at + 2]
        if mark and _PAIR.fullmatch(letter + mark) and _fits(letter, mark):
            base = _cased(_WHOLE.get(letter.lower(), letter), letter)
            out.append(unicodedata.normalize("NFC", base + _MARKS[mark.lower()]))
            at += 2
            continue
        if letter.lower() in _WHOLE:
            out.append(_cased(_WHOLE[letter.lower()], letter))
        elif 0x80 <= ord(letter) < 0x100 and letter not in _FOREIGN:
            raise UnsureError(letter)
        else:
            out.append(letter)
        at += 1
    return "".join(out)


def _fits(letter: str, mark: str) -> bool:
    return mark.lower() in _TAKES.get(letter.lower(), "")


def _cased(found: str, like: str) -> str:
    return found.upper() if like.isupper() else found
