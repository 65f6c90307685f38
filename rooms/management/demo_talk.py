"""Who is on the demonstration site, and what they say there."""

# For everybody on the demonstration site, which only this machine reaches.
PASSWORD = "tea for everybody"  # noqa: S105

# username → display name ("" where the username is all there is).
PEOPLE = {
    "alice": "Alice Liddell",
    "bob": "",
    "chen": "Chen Wei",
    "dalia": "Dalia Haddad",
    "emre": "Emre",
    "frida": "",
    "goran": "Goran P.",
    "hana": "はな",
}

# Name, topic, who opened it, who joined.
ROOMS = [
    ("Kitchen table", "Whatever comes up, over a cup of something", "alice", ["bob", "chen", "dalia", "frida", "hana"]),
    ("Allotment", "What grows, what does not, and the snails", "frida", ["alice", "goran", "dalia"]),
    ("Bicycle workshop", "Thursdays from six. Bring a rag.", "goran", ["bob", "emre", "chen"]),
    ("Book club", "This month: The Left Hand of Darkness", "dalia", ["alice", "hana", "emre", "bob"]),
    ("Site notices", "", "bob", ["alice"]),
]

# Room → (who, what), in order.
TALK = {
    "Kitchen table": [
        ("alice", "Good morning! The **kettle** is on ☕"),
        ("bob", "Morning. Which one today?"),
        (
            "alice",
            "A *Darjeeling*, second flush. Brew it like this:\n\n1. warm the pot\n2. `3 g` a cup\n3. four minutes",
        ),
        ("chen", "> four minutes\n\nMy grandmother would have **words** with you."),
        ("alice", "Your grandmother is welcome any time."),
        ("dalia", "صباح الخير! هل بقي من كعك الأمس؟"),
        ("frida", "Two pieces. One now."),
        ("hana", "おはようございます。今日は雨ですね。"),
        (
            "bob",
            "For whoever asked how the pot knows when it is done:\n\n```\nwhile cup.is_empty():\n    pour(tea)\n```",
        ),
        ("chen", "It has a race condition: two people, one cup."),
        ("bob", "That is what the *lock* on the cupboard is for."),
        ("alice", "Lunch at half past twelve. Soup, bread, and an argument about commas."),
    ],
    "Allotment": [
        ("frida", "The beans are up. All of them. I may have sown too many."),
        ("goran", "There is no such thing. There is only too few neighbours."),
        ("alice", "I can take *ten* plants. No courgettes this year, I beg you."),
        ("frida", "Noted:\n\n- beans: alice 10, goran 6\n- courgettes: nobody\n- snails: anybody"),
        ("dalia", "I will bring the seedlings over on Saturday, if it stays dry."),
        ("goran", "It will not stay dry."),
    ],
    "Bicycle workshop": [
        ("goran", "The truing stand is mended. Please do not lift it by the arm."),
        ("emre", "Does anybody have a 26-inch inner tube to spare? Valve does not matter."),
        ("bob", "Two in the box under the bench, one with a patch."),
        ("emre", "Taking the one without. I owe the box a tube."),
        ("chen", "Wiring for the dynamo light, as promised: https://example.org/dynamo"),
    ],
    "Book club": [
        ("dalia", "We meet on the 28th. Chapters one to ten, and *no* spoilers past the ice."),
        ("emre", "I am past the ice."),
        ("hana", "Then you are not saying a word that evening :)"),
        ("bob", "> Truth is a matter of the imagination.\n\nThat first page still gets me."),
    ],
    "Site notices": [
        ("bob", "Welcome. Open a room for anything that two people want to talk about."),
    ],
}

# What is said, by anybody who is in a room, while the demonstration goes on.
SMALL_TALK = [
    "Is anybody else's window open? It smells of rain.",
    "Found the key. It was in the other coat.",
    "Back in ten minutes.",
    "That reminds me: who has the long ladder?",
    "I have been thinking about what you said, and you were right.",
    "Does Thursday still work for everybody?",
    "Yes!",
    "Thursday is fine.",
    "I would rather have Friday, but Thursday will do.",
    "The train is late again. Start without me.",
    "There is soup left.",
    "**Who** finished the marmalade?",
    "It was me. I will buy a new one.",
    "Look at the moon.",
    "Does this work? `make run`, and that was all?",
    "That was all.",
    "Good night, everybody.",
]
