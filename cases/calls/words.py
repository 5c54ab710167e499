"""What the scripts of a call and of the hardware test show, translated; they read the JSON block ``#texts``."""

from __future__ import annotations

from django.utils.translation import gettext as _


def call_words() -> dict[str, str]:
    """Words of the call page."""
    return hardware_words() | {
        "connecting": _("Connecting"),
        "waiting_answer": _("Waiting for the patient to answer"),
        "waiting_other": _("Waiting for the other side"),
        "call_connected": _("Connected"),
        "call_reconnecting": _("The connection was lost. Reconnecting."),
        "other_left": _("The other side has left for a moment. The call goes on."),
        "no_way": _("Sound and picture do not get through. You can go on in text or by telephone."),
        "no_line": _("There is no live connection to the service, so the call cannot be set up."),
        "taken_over": _("The call goes on in another window of yours."),
        "over": _("The call is over"),
        "camera_off": _("The other side has turned the camera off"),
        "muted": _("The other side has turned the microphone off"),
        "you": _("You"),
        "only_sound": _("The camera cannot be used. You are in the call with sound."),
        "only_text": _("Neither camera nor microphone can be used. You can listen, see and write."),
    }


def hardware_words() -> dict[str, str]:
    """Words of trying out camera, microphone and sound."""
    return {
        "camera_works": _("The camera works: you should see yourself."),
        "camera_missing": _("No camera was found, or another program uses it."),
        "camera_refused": _("The browser does not let this page use the camera. Allow it in the address bar."),
        "microphone_works": _("The microphone works: the bar moves when you speak."),
        "microphone_silent": _("The microphone is on but hears nothing. Speak, or choose another."),
        "microphone_missing": _("No microphone was found, or another program uses it."),
        "microphone_refused": _("The browser does not let this page use the microphone. Allow it in the address bar."),
        "sound_played": _("A sound was played. If you did not hear it, turn up the volume or choose another speaker."),
        "device": _("Device {n}"),
    }
