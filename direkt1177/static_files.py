"""Static files whose names carry their content: browsers keep them for ever, and a deploy never mixes versions."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names like ``staff.1a2b3c.js``; ``import`` lines of our modules are rewritten to such names too.

    Without that a new ``staff.js`` would fetch last week's ``chat.js`` out of the browser's cache.
    """

    support_js_module_import_aggregation = True
