"""Static files can be hashed for production: no broken url(), no import cycle between modules."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

ROOT = Path(__file__).resolve().parent.parent.parent


class _HashedModules(ManifestStaticFilesStorage):
    support_js_module_import_aggregation = True


def test_every_address_in_styles_and_modules_can_be_hashed(tmp_path: Path) -> None:
    storage = _HashedModules(location=str(tmp_path), base_url="/static/")
    own = ROOT / "static"
    paths = {}
    for finder in finders.get_finders():
        for path, source in finder.list([]):
            if Path(source.path(path)).is_relative_to(own):
                with source.open(path) as content:
                    storage.save(path, content)
                paths[path] = (storage, path)
    assert "js/live.js" in paths
    failed = [str(outcome[2]) for outcome in storage.post_process(paths) if isinstance(outcome[2], Exception)]
    assert failed == []
    entry = (tmp_path / storage.stored_name("js/staff.js")).read_text(encoding="utf-8")
    assert '"./live.js"' not in entry


def test_only_live_js_knows_the_socket() -> None:
    knowing = [path.name for path in (ROOT / "static" / "js").glob("*.js") if "WebSocket(" in path.read_text("utf-8")]
    assert knowing == ["live.js"]
