"""Whole sites under faults: real processes are killed, frozen and emptied while people write (design §2, §3).

``world`` makes the people, ``clients`` lets them write and read, ``nemesis`` does the damage, ``checkers`` read the
history and the database afterwards. A site has two web processes, one ticker, its own durable PostgreSQL and Valkey.
"""
