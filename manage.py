#!/usr/bin/env python
"""Entry point of every management command."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run the named command with the embedded settings unless others are chosen."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "direkt1177.settings.embedded")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
