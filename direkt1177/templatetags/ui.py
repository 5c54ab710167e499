"""Small marks that stand many times on a page: icon, urgency, waiting time, response clock.

They are tags rather than includes because a queue of 50 rows draws some 400 of them. The browser ticks waiting
times and clocks in place (static/js/ticking.js) from the same attributes that are written here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.forms.boundfield import BoundField, BoundWidget
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

NEAR = 0.75  # share of the response target after which the clock turns amber


@register.simple_tag
def icon(name: str, cls: str = "") -> SafeString:
    """Draw an icon of the sprite; decoration only, the word stands beside it.

    Args:
        name: id of a symbol in static/img/icons.svg.
        cls: further CSS classes, for example ``i--s``.
    """
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f"i {cls}".rstrip(),
        static("img/icons.svg"),
        name,
    )


def urgency_word(level: int | None) -> str:
    """The word for an urgency where the region's policy gives none."""
    words = {
        1: _("Immediate"),
        2: _("Urgent"),
        3: _("Within 24 hours"),
        4: _("Weekday soon"),
        5: _("Self-care or wait"),
    }
    return words.get(level or 0, _("Not assessed"))


@register.simple_tag
def urgency(level: int | None, word: str = "", short: bool = False) -> SafeString:
    """Draw an urgency: number, word and form, never colour alone (QUE-24).

    Args:
        level: 1-5; None or 0 means not assessed.
        word: the region's word (policy ``urgency_labels``); ours if empty.
        short: only the number is drawn, the word is for screen readers and the tooltip.
    """
    number = str(level) if level else "–"
    text = word or urgency_word(level)
    if short:
        return format_html(
            '<span class="u u{}" title="{}"><span class="sr">{} </span><b>{}</b><span class="sr">{}</span></span>',
            level or 0,
            text,
            _("Urgency"),
            number,
            text,
        )
    return format_html(
        '<span class="u u{}"><span class="sr">{} </span><b>{}</b><span class="u-word">{}</span></span>',
        level or 0,
        _("Urgency"),
        number,
        text,
    )


def short_duration(minutes: int) -> str:
    """Minutes as staff read them: ``7 min``, ``1 h 51``, ``2 d 3 h``."""
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return _("%(h)s h %(m)s") % {"h": hours, "m": f"{rest:02d}"}
    return _("%(d)s d %(h)s h") % {"d": hours // 24, "h": hours % 24}


@register.simple_tag
def waited(since: datetime | None, now: datetime | None = None) -> SafeString:
    """Time since a moment, ticking in the browser.

    Args:
        since: aware datetime; None draws a dash.
        now: aware datetime, the clock's unless given.
    """
    if since is None:
        return format_html('<span class="num">{}</span>', "–")
    minutes = max(0, int(((now or timezone.now()) - since).total_seconds() // 60))
    return format_html(
        '<time class="num" datetime="{0}" data-since="{0}">{1}</time>', since.isoformat(), short_duration(minutes)
    )


@register.simple_tag
def clock(
    since: datetime | None, due: datetime | None, level: int | None = None, now: datetime | None = None
) -> SafeString:
    """Draw the ring and words of a response target; red only for urgency 1-2 past it (QUE-14).

    Args:
        since: when the clock started, aware datetime.
        due: when the target is reached (staffed time already counted by the rules), aware datetime; None draws a dash.
        level: urgency 1-5, None when not assessed.
        now: aware datetime, the clock's unless given.
    """
    if since is None or due is None:
        return format_html('<span class="muted">{}</span>', "–")
    moment = now or timezone.now()
    state = clock_state(since=since, due=due, level=level, now=moment)
    return format_html(
        '<span class="{cls}" data-clock data-since="{since}" data-due="{due}" data-level="{level}">'
        '<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false"><circle class="bg" cx="8" cy="8" r="6"/>'
        '<circle class="fg" cx="8" cy="8" r="6" pathLength="100" stroke-dasharray="{share} 100"/></svg>'
        "<span data-words>{words}</span></span>",
        since=since.isoformat(),
        due=due.isoformat(),
        level=level or 0,
        **state,
    )


def clock_state(*, since: datetime, due: datetime, level: int | None, now: datetime) -> dict[str, Any]:
    """Class, share (0-100) and words of a response clock at a moment.

    Args:
        since: start, aware. due: target, aware. now: aware.
        level: urgency 1-5 or None; only 1 and 2 turn red, so that a busy morning is not a red page.
    """
    whole = max(1.0, (due - since).total_seconds())
    share = max(0.0, min(1.0, (now - since).total_seconds() / whole))
    left = (due - now).total_seconds()
    if left < 0:
        hot = " hot" if level in (1, 2) else ""
        words = _("over by %(time)s") % {"time": short_duration(int(-left // 60))}
        return {"cls": f"clock late{hot}", "share": 100, "words": words}
    near = " near" if share >= NEAR else ""
    minutes = int(-(-left // 60))
    return {
        "cls": f"clock{near}",
        "share": round(share * 100),
        "words": _("%(time)s left") % {"time": short_duration(minutes)},
    }


@register.simple_tag
def control(field: BoundField, hint: str = "", cls: str = "ds-input") -> SafeString:
    """Draw a bound field's widget with our class and with hint and error tied to it.

    Args:
        field: bound field; drawn with ``aria-invalid`` by Django when it has errors.
        hint: hint text of the page, when the field itself has none; its element is ``<auto_id>_helptext``.
        cls: CSS class of the control.
    """
    described = [f"{field.auto_id}_helptext"] if hint or field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
    attrs: dict[str, Any] = {"class": f"{field.field.widget.attrs.get('class', '')} {cls}".strip()}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


@register.simple_tag
def choice(option: BoundWidget, cls: str = "ds-input") -> SafeString:
    """Draw one radio button or check box of a choice field with our class.

    Args:
        option: what iterating over a bound field gives.
        cls: CSS class of the control.
    """
    option.data["attrs"] = {**option.data["attrs"], "class": cls}
    return option.tag()


@register.simple_tag
def js_texts() -> SafeString:
    """The words that scripts show, translated, as a JSON data block (not code: allowed by the CSP)."""
    return json_script(
        {
            "connected": _("Synced"),
            "slow": _("Reconnecting, showing what was true at"),
            "polling": _("Fetching every 5 seconds"),
            "off": _("No contact, showing what was true at"),
            "signed_out": _("Signed out. Sign in again to go on."),
            "restart": _("Reconnecting"),
            "no_contact": _("No contact with the server. What you typed is still here, try again."),
            "too_old": _("Something went wrong. Reload the page and try again."),
            "sort_again": _("Sort the list again"),
            "new_rows_one": _("1 new to sort in"),
            "new_rows_many": _("{n} new to sort in"),
            "said_new": _("New: {n}"),
            "said_urgent": _("Immediate: {n}"),
            "said_gone": _("Left the list: {n}"),
            "said_focus_moved": _("The row you stood on has left the list"),
            "urgent_toast": _("A new case with urgency 1"),
            "open": _("Open"),
            "close": _("Close"),
            "minutes": _("{n} min"),
            "hours": _("{h} h {m}"),
            "days": _("{d} d {h} h"),
            "left": _("{time} left"),
            "over": _("over by {time}"),
            "sending": _("Sending"),
            "sent": _("Sent"),
            "waiting": _("Waiting for connection"),
            "not_sent": _("Not sent"),
            "again": _("Send again"),
            "remove": _("Remove"),
            "you": _("You"),
            "read": _("Read"),
            "new_message": _("1 new message"),
            "new_messages": _("{n} new messages"),
            "typing": _("{name} is writing"),
            "draft_saved": _("Draft saved"),
            "uploading": _("Uploading {n} %"),
            "upload_failed": _("The image could not be sent. Try again."),
            "image_too_big": _("The image is too big. The most is 12 MB."),
            "image_wrong_kind": _("Choose an image of the kind JPEG, PNG or WebP."),
            "remove_image": _("Remove the image"),
            "copied": _("Copied"),
            "copy_failed": _("Could not copy. Mark the text and copy it yourself."),
            "revoked": _("You can no longer see this. Copy what you had written if you need it."),
        },
        "texts",
    )
