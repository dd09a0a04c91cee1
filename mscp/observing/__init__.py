"""What a request cost and how it ended: its line in the log and its counts, with nothing personal.

Neither has an address, a word of a search, a name, an IP address or a program of a reader. Routes
stand for addresses, and an id that is drawn for each request joins the lines of one.
"""
