"""Swedish standard texts to residents, in easy Swedish; data that a region replaces with its own (ENT-03, ENT-37)."""

from __future__ import annotations

URGENCY_LABELS: dict[int, str] = {
    1: "Omgående",
    2: "Skyndsamt",
    3: "Närmaste dygnet",
    4: "Vardag närmaste dygnet",
    5: "Avvakta",
}

EMERGENCY = (
    "Ring 112 nu. Vänta inte på svar här.\n"
    "Gör det som de säger i telefonen. Lås upp dörren om du kan. Lämna inte den som är sjuk ensam."
)

SEEK_CARE = (
    "Berätta om ett besvär och svara på frågor. Du kan börja när som helst på dygnet. "
    "Vårdpersonal läser och chattar med dig om det behövs. Vi svarar så fort vi kan när vi är på plats."
)

ADMIN_QUESTION = (
    "Fråga om intyg, tider eller papper. Här gör vi ingen medicinsk bedömning. Har du ett besvär ska du välja Sök vård."
)

TOO_YOUNG = (
    "Barn under 1 år kan inte få hjälp här. Ring 1177 för råd, dygnet runt. "
    "Ring barnavårdscentralen på dagtid. Ring 112 om barnet är i fara."
)

FEE = (
    "Du betalar ingenting för råd i chatten.\n"
    "Om du får ett digitalt möte eller ett besök på mottagningen kan det kosta en patientavgift. "
    "Vi säger alltid till innan något kostar."
)

WELCOME = (
    "Hej och välkommen! Jag har läst det du har skrivit. "
    "Jag ställer några frågor till dig här i chatten. Svara så gott du kan."
)

CLOSING = "Nu avslutar vi ärendet. Ring 1177 om du blir sämre eller känner dig orolig. Ring 112 om det är fara för liv."

RECEIPT_SMS = "Vi har tagit emot ditt ärende och börjar snart. Logga in med BankID för att läsa."
NEW_MESSAGE_SMS = "Du har ett nytt meddelande att läsa. Logga in med BankID."
REMINDER_SMS = "Påminnelse: det finns ett meddelande som väntar på ditt svar. Logga in med BankID."

SUPER_USER = "Superanvändare på din enhet"
SUPPORT_PHONE = "0771-25 10 10"
SUPPORT_HOURS = "Alla dagar kl. 06.00–22.00"

# Timers, handover, end of day: words to the patient, sent by staff's choice or with what staff do.
INACTIVITY_WARNING = (
    "Vi har inte fått något svar från dig. Svara här inom två timmar om du fortfarande vill ha hjälp. "
    "Annars avslutar vi ärendet. Gör en ny kontakt om besvären är kvar eller blir värre."
)
NO_REPLY_CLOSING = (
    "Vi har inte fått något svar och avslutar därför ärendet. Gör en ny kontakt om du fortfarande behöver hjälp. "
    "Ring 1177 om du blir sämre. Ring 112 om det är fara för liv."
)
HANDOVER_TOLD = (
    "Jag lämnar över ditt ärende till {to}. Du får svar här i chatten. Skriv gärna under tiden. "
    "Ring 1177 om du blir sämre. Ring 112 om det är fara för liv."
)
HANDOVER_TOLD_REHAB = (
    "Jag lämnar över ditt ärende till {to}. De brukar svara {reply}. Skriv gärna under tiden. "
    "Ring 1177 om du blir sämre. Ring 112 om det är fara för liv."
)
PAUSE_TOLD = (
    "Vi fortsätter {resume}. Du kan skriva här under tiden. "
    "Ring 1177 om du blir sämre. Ring 112 om det är fara för liv."
)
CLOSING_FOR_DAY = (
    "Vi stänger för i dag och svarar igen {next}. Du kan skriva här under tiden. "
    "Ring 1177 om du blir sämre. Ring 112 om det är fara för liv."
)
RELEASED_TOLD = "En annan i personalen tar över ditt ärende. Du behöver inte göra något. Skriv gärna här under tiden."
CLOSING_DAY_SMS = "Mottagningen har stängt för i dag. Det finns något att läsa om ditt ärende. Logga in med BankID."
TICKET_BEGINS_SMS = "Besöket hos den nya mottagningen har börjat. Logga in med BankID för att läsa."
STAFF_UNCLOSED_SMS = "Du har ett pågående ärende som inte är avslutat. Logga in och avsluta eller lämna över."
STAFF_NEW_SMS = "Det finns ett nytt ärende i din kö."
STAFF_ASYNC_SMS = "Du har ett nytt asynkront meddelande att läsa."
