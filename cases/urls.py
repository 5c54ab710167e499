"""Addresses of the errand."""

from __future__ import annotations

from django.urls import path

from cases.views import case, chat, images, onward, preview, queue, resident

app_name = "cases"
_CASE = "personal/arende/<uuid:public_id>/"
_MINE = "mina-arenden/<uuid:public_id>/"

urlpatterns = [
    # Lists of staff.
    path("personal/", queue.start, name="start"),
    path("personal/drop-in/", queue.queue, name="queue"),
    path("personal/drop-in/ta-emot-nasta/", queue.receive_next, name="receive_next"),
    path("personal/mina-pagaende/", queue.own_cases, name="own_cases"),
    path("personal/fraser/", chat.phrases, name="phrases"),
    # One case of staff.
    path("personal/forhandsgranska/<uuid:public_id>/", preview.preview, name="preview"),
    path(_CASE, case.case, name="case"),
    path(f"{_CASE}huvud/", case.case_head, name="case_head"),
    path(f"{_CASE}ta-emot/", queue.receive, name="receive"),
    path(f"{_CASE}lagg-tillbaka/", case.put_back, name="put_back"),
    path(f"{_CASE}starta/", case.start_visit, name="start_visit"),
    path(f"{_CASE}avsluta/", case.close_visit, name="close_visit"),
    path(f"{_CASE}pausa/", onward.pause, name="pause"),
    path(f"{_CASE}fortsatt/", onward.resume, name="resume"),
    path(f"{_CASE}avsluta-och-boka/", onward.book, name="book"),
    path(f"{_CASE}prioritet/", case.change_urgency, name="change_urgency"),
    path(f"{_CASE}skyddad-identitet/", case.protect, name="protect"),
    path(f"{_CASE}kopierat/", case.copied, name="copied"),
    # Both sides.
    path("arende/<uuid:public_id>/meddelande/", chat.send, name="send"),
    path("arende/<uuid:public_id>/bild/", chat.send_image, name="send_image"),
    path("bild/<uuid:public_id>/", images.image, name="image"),
    path("bild/<uuid:public_id>/liten/", images.thumbnail, name="thumbnail"),
    # Pages of residents.
    path("mina-arenden/", resident.mine, name="mine"),
    path("mina-arenden/lista/", resident.mine_list, name="mine_list"),
    path("mina-arenden/pagaende/", resident.teaser, name="resident_teaser"),
    path(_MINE, resident.mine_case, name="mine_case"),
    path(f"{_MINE}laget/", resident.status, name="status"),
    path(f"{_MINE}chattlage/", resident.chat_state, name="chat_state"),
    path(f"{_MINE}lamna-kon/", resident.leave, name="leave"),
]
