"""Finding cases: by patient and purpose, by date, and opening what a colleague holds in an emergency (QUE-10..21)."""
