"""The areas of this face, in the order of its documentation, with a sentence on each."""

TAGS = {
    "Signing in": "A token for this face, whose it is, and the end of it.",
    "Your account": "Whoever asks: their own password, preferences and where they are signed in.",
    "Tokens": "Personal tokens: which there are, a new one, and the end of one.",
    "Services": "Offers: what is sold, priced by its components.",
    "Components": "The lines that a service is priced from.",
    "Revisions": "Every change of a service: who, when and what; each can be taken back.",
    "Transactions": "Sales, each with the revenue and cost it was recorded at.",
    "Proposals": "What a change would do, and changes that wait until a person approves them.",
    "Operating expenses": "What a month costs that belongs to no sale.",
    "Profit": "Profit and loss of a month, and the twelve months of the dashboard.",
    "What if": "Services at supposed costs and prices, and the price for a wanted margin; nothing is stored.",
    "Imports": "Sales and offers from files: first what would become of every row, then exactly that.",
    "Exports": "Lists as CSV and XLSX, as the pages give them, and a month's statement as PDF.",
    "Months": "Closing months, so that their figures stay as they are, and reopening them.",
    "Users": "Who may come in, and what they may do.",
    "Settings": "What belongs to the business: its name, currency and time zone.",
    "Webhooks": "Which programs are told of what happens, and what became of each event.",
    "Trail": "Every change ever made, each chained to the one before.",
    "Health": "Whether this Vela can do its work; open to everybody.",
}
