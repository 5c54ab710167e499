"""Hostile values, the same in every run: what scanners, fuzzers and angry people send."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Any

TEXTS: tuple[str, ...] = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e\u2066\ufeff\u200b",
    "e" + "\u0301" * 3000,
    "\r\nSet-Cookie: a=b",
    "\x1b[2J\x07",
    "' OR 1=1 --",
    "'; DROP TABLE cases_case; --",
    '" onmouseover="alert(1)',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% debug %}",
    "%s%s%s%n",
    "${jndi:ldap://x/a}",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd\x00.jpg",
    "javascript:alert(1)",
    "//evil.example/x",
    "https://evil.example/",
    "\\\\evil.example\\x",
    "http:///evil",
    "[::1",
    "http://[",
    "-1",
    "0",
    "1e999",
    "NaN",
    "Infinity",
    "9" * 19,
    "9" * 400,
    "9" * 5000,
    "-" + "9" * 30,
    "0x7fffffff",
    "²",
    "٣",
    "１２",
    "1_000",
    "true",
    "null",
    "[]",
    "{}",
    "None",
    "undefined",
    "00000000-0000-0000-0000-000000000000",
    "urn:uuid:00000000-0000-0000-0000-000000000000",
    "{" + "f" * 32 + "}",
    "19121212-1212",
    "+46700000000",
    "2023-13-45",
    "0000-00-00T00:00:00",
    "|".join(["1"] * 6),
    "1|2023-01-01T00:00:00|9",
    "2|9999-12-31T23:59:59.999999+14:00|1",
    "x" * 300,
    "å" * 5000,
    "😀" * 4001,
)

SCALARS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**31,
    2**53,
    2**64,
    10**300,
    1.5,
    -0.0,
    [],
    {},
    [[]],
    {"a": {"b": {"c": {"d": {"e": {}}}}}},
    *TEXTS,
)

# Python knows codecs that are no character sets, or fail whatever they get.
CHARSETS = (
    "undefined",
    "hex",
    "rot13",
    "zip",
    "idna",
    "punycode",
    "utf-7",
    "unicode_escape",
    "utf-16",
    "mbcs",
    "cp037",
)

RAW_FRAMES: tuple[str | bytes, ...] = (
    "",
    "null",
    "true",
    "1",
    '"x"',
    "[]",
    "{}",
    "{",
    '{"action":}',
    '{"action":null}',
    '{"action":"subscribe"}',
    '{"action":"subscribe","action":"launch"}',
    '{"__proto__":{"action":"ping"}}',
    "[" * 8000,
    '{"a":' * 3000,
    '{"action":"ping","t":1e400}',
    '{"action":"ping","t":-Infinity}',
    '{"action":"ping","t":"\\ud800"}',
    '{"action":"\\u0000"}',
    "\ufeff{}",
    "x" * 16384,
    '{"action":"ping","t":"' + "å" * 9000 + '"}',
    b"",
    b"\x00\x01\x02",
    b"\xff\xfe",
    b'{"action":"ping"}',
)


def frames(seed: int, count: int, *, cases: list[str], feeds: list[str]) -> Iterator[dict[str, Any]]:
    """JSON objects that look like frames and have something wrong in them, mostly.

    Args:
        seed: same seed, same frames.
        count: how many.
        cases: public ids to aim at.
        feeds: feed names to aim at and to bend.
    """
    chance = random.Random(seed)
    names = (*_KEYS, "launch", "authz")
    for _number in range(count):
        feed = chance.choice(feeds)
        whole: dict[str, Any] = {
            "action": chance.choice(names),
            "id": uuid.UUID(int=chance.getrandbits(128)).hex,
            "case": chance.choice(cases),
            "feed": feed,
            "text": chance.choice(TEXTS),
            "seq": chance.choice(SCALARS),
            "after": chance.choice(SCALARS),
            "t": chance.choice(SCALARS),
            "data": {"kind": "hello", "session": chance.choice(TEXTS), "line": 0, "text": chance.choice(TEXTS)},
        }
        wanted = _KEYS.get(whole["action"], ("id", "feed"))
        frame = {"action": whole["action"], **{key: whole[key] for key in wanted}}
        for _turn in range(chance.randint(0, 2)):
            key = chance.choice([*wanted, "action", "extra", "__class__"])
            bend = chance.random()
            if bend < 0.2:
                frame.pop(key, None)
            elif bend < 0.4 and isinstance(frame.get(key), str):
                frame[key] = bent(chance, frame[key])
            else:
                frame[key] = chance.choice(SCALARS)
        yield frame


_KEYS = {
    "send_message": ("id", "case", "text"),
    "seen": ("feed", "seq"),
    "subscribe": ("feed", "after"),
    "unsubscribe": ("feed",),
    "typing": ("feed",),
    "presence": ("feed",),
    "signal": ("feed", "data"),
    "rtt": ("feed", "data"),
    "ping": ("t",),
}


def bent(chance: random.Random, text: str) -> str:
    """A text with one thing changed: cut, doubled, a sign replaced, something put in."""
    at = chance.randrange(len(text) + 1)
    way = chance.randrange(5)
    if way == 0:
        return text[:at]
    if way == 1:
        return text + text
    if way == 2:
        return text[:at] + chance.choice("\x00:%/\\'\"<å²٣ \n") + text[at + 1 :]
    if way == 3:
        return text[:at] + chance.choice(TEXTS)[:200] + text[at:]
    return text.swapcase()


def bodies() -> list[tuple[str, bytes]]:
    """Content types and bodies that do not fit each other, or nothing."""
    part = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    return [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x"),
        ("multipart/form-data; boundary=x", part),
        ("multipart/form-data; boundary=x", part + b"abc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=" + "x" * 300, b"--x--\r\n"),
        ("multipart/form-data; boundary=\xe5", b"--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="\x00"\r\n\r\n\x00\r\n--x--\r\n',
        ),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"X-H: " + b"a" * 3000 + b"\r\n\r\nv\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="image"; filename="../../e\x00.jpg"\r\n\r\nv\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"image\"; filename*=utf-9''%ff\r\n\r\nv\r\n--x--\r\n",
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="key"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--',
        ),
        (
            "multipart/form-data; boundary=x; charset=nosuch",
            b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe\r\n--x--\r\n',
        ),
        ("multipart/mixed; boundary=x", part),
        ("application/x-www-form-urlencoded", b"\xff\xfe=%zz&&&=&text=%00&text=%ed%a0%80"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"text=a&key=b"),
        ("application/x-www-form-urlencoded; charset=nosuch", b"text=a&key=b"),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(1500))),
        ("application/x-www-form-urlencoded", b"text=" + b"a" * (3 * 1024 * 1024)),
        ("application/json", b"{}"),
        ("application/json", b"[" * 5000),
        ("text/xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
        ("", b"text=a"),
        *(
            (f"{kind}; charset={charset}", body)
            for charset in CHARSETS
            for kind, body in (
                ("text/plain", b""),
                ("application/x-www-form-urlencoded", b"text=%E5&key=b"),
                (
                    "multipart/form-data; boundary=x",
                    b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xe5\r\n--x--\r\n',
                ),
            )
        ),
    ]


def headers() -> list[dict[str, str]]:
    """Headers that lie or break, as Django's client takes them."""
    return [
        {"Host": "evil.example"},
        {"Host": "testserver:99999999"},
        {"Host": "a b"},
        {"Host": ""},
        {"Host": "[::1"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-For": "1.2.3.4, 'x"},
        {"X-Forwarded-Proto": "javascript"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Original-URL": "/admin/"},
        {"HX-Request": "true", "HX-Current-URL": "http://["},
        {"HX-Request": "true", "HX-Current-URL": "javascript:alert(1)"},
        {"HX-Request": "true", "HX-Current-URL": "http://testserver/\r\nX: y"},
        {"HX-Request": "true", "Referer": "http://[::1"},
        {"Referer": "http://[::1"},
        {"Referer": "\xff\xfe"},
        {"Accept": "application/json"},
        {"Accept": "*/*;q=x, \x00"},
        {"Accept-Language": "sv\x00"},
        {"Accept-Language": ("x" * 20 + ",") * 3000},
        {"Accept-Language": "en,xx-yy-zz;q=abc"},
        {"Accept-Encoding": "gzip;q=nan"},
        {"Idempotency-Key": "\x00" * 20},
        {"Idempotency-Key": "å" * 20},
        {"Idempotency-Key": "a" * 5000},
        {"If-Modified-Since": "0"},
        {"If-None-Match": '"'},
        {"Range": "bytes=0-0,-1,5-2"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Content-Length": "-5"},
        {"Content-Length": "abc"},
        {"Expect": "417"},
        {"User-Agent": "() { :;}; echo"},
        {"Authorization": "Bearer \x00"},
    ]


def cookies() -> list[str]:
    """Values of the ``Cookie`` header."""
    return [
        "sessionid=",
        'sessionid="\\000\\001"',
        'sessionid="aaaaaaaaaa\\000bbbbbbbbbb"; csrftoken="\\000"',
        'sessionid="aaaaaaaaaa\\355\\240\\200bbbbbbbb"',
        "sessionid=" + "a" * 4000,
        "sessionid=' OR 1=1 --",
        "sessionid=\xff\xfe",
        'sessionid="\\777"',
        "sessionid=a; sessionid=b",
        "csrftoken=" + "\\" * 50,
        'django_language="\\000"',
        "django_language=../../etc",
        "=;;=,=;",
        "messages=[[]]",
        "a=" * 500,
    ]
