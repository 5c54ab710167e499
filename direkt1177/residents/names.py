"""What stands instead of a masked person's name and contact details (ENT-26): data, the same in every language."""

from __future__ import annotations

MASKED_NAME = "SKYDDAD IDENTITET"
MASKED = "SKYDDAD"
