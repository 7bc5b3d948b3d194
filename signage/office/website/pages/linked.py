"""What search engines read: schema.org in JSON-LD, as text that may stand in a script element."""

from __future__ import annotations

import json
from typing import Any

from ....settings import Commune, Settings
from ..views import Published, iso


def organisation(commune: Commune) -> str:
    """The commune as a GovernmentOrganization."""
    return _text({
        "@context": "https://schema.org", "@type": "GovernmentOrganization", "name": commune.authority,
        "alternateName": commune.heading, "url": f"{commune.site}/", "telephone": commune.phone,
        "email": commune.email or None, "identifier": commune.agency or None,
        "address": {"@type": "PostalAddress", "streetAddress": commune.address,
                    "addressRegion": commune.province, "addressCountry": "VN"} if commune.address else None,
        "areaServed": {"@type": "AdministrativeArea", "name": f"{commune.heading}, {commune.province}"},
    })  # fmt: skip


def announcement(item: Published, settings: Settings) -> str:
    """A notice as a SpecialAnnouncement, with the time and the place for which it holds."""
    notice, commune = item.notice, settings.commune
    names = settings.hamlet_names
    places = [names.get(h, h) for h in notice.hamlets] or [commune.heading]
    return _text({
        "@context": "https://schema.org", "@type": "SpecialAnnouncement", "name": notice.title,
        "text": notice.summary or notice.title, "url": f"{commune.site}/{notice.url}", "inLanguage": "vi",
        "datePosted": iso(notice.date), "dateModified": iso(item.approved_at), "expires": iso(notice.end),
        "spatialCoverage": [{"@type": "AdministrativeArea", "name": f"{p}, {commune.province}"} for p in places],
        "publisher": {"@type": "GovernmentOrganization", "name": commune.authority, "url": f"{commune.site}/"},
    })  # fmt: skip


def _text(value: dict[str, Any]) -> str:
    """No “<” in it: nothing in a title ends the script."""
    kept = {name: part for name, part in value.items() if part is not None}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
