"""The three lowest apps alone, with a feed of notes: sockets are tested before anybody stands above them."""
