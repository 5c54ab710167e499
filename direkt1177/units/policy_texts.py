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
