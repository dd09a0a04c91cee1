"""Programmes as people keep them, by the kind of thing that stands in them, each with its outcome.

An outcome is what would be imported, in one line: the title where it is not "Neglect"; the day; the
times; the place; what else is kept; and with "?" each question that stays open, so that nothing of
the line goes live before somebody answers it. Whether a course or a venue is new is asked besides.
"""

import pytest
from django.contrib.auth.models import User

from tests.factories import make_course, make_user, make_venue
from training.models import Delivery, Places
from training.models.programme_lines import UnreadableError
from training.programme.admin import read_pasted
from training.programme.files.sheets import read_sheet
from training.programme.lines.tidying import tidy
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

DAY = "05/11/2027"


def outcome(plan: Plan) -> str:
    """Return what would be imported of a line, in words that are short enough for a table."""
    line = plan.line
    if line.left_out:
        return f"out: {line.hidden}"
    session = plan.session
    questions = [
        doubt
        for doubt in plan.doubts
        if doubt.is_question and not any(one.key == "new" for one in doubt.answers)
    ]
    days = [f"{day:%-d/%-m/%y}" for day in (plan.start_date, plan.end_date) if day]
    times = [f"{at:%H:%M}" for at in (plan.start_time, plan.end_time) if at]
    found = [
        "" if line.title == "Neglect" else f"“{line.title}”",
        " to ".join(days) or "no day",
        "-".join(times),
        f"@{plan.venue or line.venue}" if plan.venue or line.venue else "",
        "" if session.delivery in (Delivery.NOT_STATED, Delivery.IN_PERSON) else session.delivery,
        "" if session.places == Places.NOT_KNOWN else session.places,
        f"{session.capacity} places" if session.capacity else "",
        f"cost={session.cost}" if session.cost else "",
        f"trainer={session.trainer}" if session.trainer else "",
        f"book={session.booking_email or session.booking_url}"
        if session.booking_email or session.booking_url
        else "",
        f"join={session.joining_url}" if session.joining_url else "",
        f"closes={session.booking_closes:%-d/%-m/%y}" if session.booking_closes else "",
        f"for={line.audience}" if line.audience else "",
        f"note={session.note}" if session.note else "",
        *dict.fromkeys(f"?{doubt.kind}" for doubt in questions),
    ]
    return " ".join(filter(None, found))


def outcomes(text: str, user: User) -> str:
    """Return the outcomes of a text, or of a CSV file if its first line has commas and headings."""
    try:
        is_file = text.startswith("Course,")
        lines = (read_sheet(text.encode()) if is_file else read_pasted(text)).lines
    except UnreadableError:
        return "refused"
    tidy(lines)
    return "; ".join(map(outcome, plan_all(lines, user)))


STATUS = [
    (f"Neglect – {DAY} – Town Hall – CANCELLED", "5/11/27 @Town Hall ?not held"),
    (f"Neglect ~~CANCELLED~~ – {DAY}", "5/11/27 ?not used ?not held"),
    (f"*CANCELLED* Neglect – {DAY}", "5/11/27 ?not held"),
    (f"Neglect – {DAY} – Town Hall (cancelled due to low numbers)", "5/11/27 @Town Hall ?not held"),
    (f"Neglect – {DAY} – sorry, this one is off", "5/11/27 ?not used"),
    (f"Neglect – {DAY} – Town Hall – now FULL", "5/11/27 @Town Hall full"),
    (f"Neglect – {DAY} – Town Hall – FULL!", "5/11/27 @Town Hall full"),
    (f"Neglect – {DAY} – Town Hall – waitlist only", "5/11/27 @Town Hall waiting_list"),
    (f"Neglect – {DAY} – Town Hall – reserve list", "5/11/27 @Town Hall waiting_list"),
    (f"Neglect – {DAY} – Town Hall – nearly full", "5/11/27 @Town Hall last_places"),
    (f"Neglect – {DAY} – Town Hall – date provisional", "5/11/27 @Town Hall ?provisional"),
    (f"Neglect – {DAY} – Town Hall – PROVISIONAL DATE", "5/11/27 @Town Hall ?provisional"),
    (f"Neglect – {DAY} (tbc) – Town Hall", "5/11/27 @Town Hall ?provisional"),
    (
        f"Neglect – {DAY}* – Town Hall\n* to be confirmed",
        "5/11/27 @Town Hall ?provisional",
    ),
    (f"Neglect – {DAY} – venue tbc", "5/11/27"),
    (f"Neglect – {DAY} – Venue: TBC", "5/11/27"),
    (f"Neglect – {DAY} – rescheduled", "5/11/27 ?said moved"),
    (f"Neglect – {DAY} – moved online", "5/11/27 online ?said moved"),
    (f"Neglect – {DAY} – now on Teams", "5/11/27 ?not used"),
    (f"Neglect – {DAY} – Town Hall – moved to Zoom", "5/11/27 @Town Hall online ?said moved ?text"),
    (f"Neglect – {DAY} – Town Hall – NEW VENUE", "5/11/27 @Town Hall ?said moved"),
    (f"Neglect (new date) – {DAY} – Town Hall", "5/11/27 @Town Hall ?said moved"),
    (f"Neglect – {DAY} – Town Hall – on hold", "5/11/27 @Town Hall ?provisional"),
    (f"Neglect – {DAY} – Town Hall – no spaces remaining", "5/11/27 @Town Hall full"),
    (f"Neglect – {DAY} – Town Hall – Bookings closed", "5/11/27 @Town Hall full"),
    (f"CANCELLED – Neglect – {DAY}", "5/11/27 ?not held"),
    (f"Course,Date,Status\nNeglect,{DAY},Cancelled by venue\n", "5/11/27 ?not held"),
    (f"Course,Date,Confirmed?\nNeglect,{DAY},N\n", "5/11/27 ?provisional"),
    (f"Course,Date,Venue\nNeglect,{DAY},Town Hall - CANCELLED\n", "5/11/27 @Town Hall ?not held"),
    (f"Course,Date,Venue\nNeglect,{DAY},Town Hall (TBC)\n", "5/11/27 @Town Hall ?provisional"),
    (f"Course,Date,Venue\nNeglect,{DAY},Town Hall (full)\n", "5/11/27 @Town Hall full"),
    (
        f"Course,Date,Notes\nNeglect,{DAY},Postponed until further notice\n",
        "5/11/27 note=Postponed until further notice ?not held",
    ),
]

DAYS = [
    ("Neglect – Fri 5th Nov 2027 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – 5.11.27 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – 05-11-27 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – 05 11 2027 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – 5/11/27 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – 5 Nov '27 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – Friday, November 5th, 2027 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – Nov 5 2027 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – the 5th of November 2027 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – 5NOV2027 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – 20271105 – Town Hall", "refused"),
    ("Neglect – Fri. 5 Nov. 2027 – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – Thursday 5 November 2027 – Town Hall", "5/11/27 @Town Hall ?weekday"),
    ("Neglect – 5 & 6 November 2027 – Town Hall", "5/11/27 to 6/11/27 @Town Hall"),
    ("Neglect – 5 + 12 November 2027", "5/11/27 ?several"),
    ("Neglect – 1/3, 8/3 and 15/3/2027 – Town Hall", "1/3/27 @Town Hall ?several"),
    ("Neglect – 1/3, 8/3, 15/3 2027", "1/3/27 ?several"),
    ("Neglect – 1st, 8th and 15th March 2027 – Town Hall", "1/3/27 @Town Hall ?several"),
    ("Neglect – 1 March, 8 March and 15 March 2027", "1/3/27 ?several"),
    ("Neglect – 1 March; 8 March; 15 March 2027", "1/3/27 ?several"),
    ("Neglect – Mondays 1, 8, 15 March 2027", "1/3/27 ?several"),
    ("Neglect – Mon 1 March 2027 then Mon 8 March 2027", "1/3/27 ?not used ?several days"),
    ("Neglect – 30 November – 2 December 2027", "30/11/27 to 2/12/27"),
    ("Neglect – 31/12/2027 – 2/1/2028", "31/12/27 to 2/1/28"),
    ("Neglect – 31 Dec 27 to 2 Jan 28", "31/12/27 to 2/1/28"),
    (
        "Neglect – Day 1: 5 November 2027, Day 2: 12 November 2027",
        "“Neglect – Day 1” 5/11/27 ?not used ?several days",
    ),
    (
        "Neglect – 5 November 2027 (day 1) and 12 November 2027 (day 2)",
        "5/11/27 ?not used ?several days",
    ),
    ("Neglect (2 days) – 5 and 6 November 2027", "5/11/27 to 6/11/27 note=2 days"),
    ("Neglect – two days: 5-6 November 2027", "5/11/27 to 6/11/27 note=two days"),
    ("Neglect – w/c 1 November 2027 – Town Hall", "no day @Town Hall ?several"),
    ("Neglect – week ending 5 November 2027 – Town Hall", "no day @Town Hall ?several"),
    ("Neglect – wk 44 2027", "refused"),
    ("Neglect – November 2027 – Town Hall", "refused"),
    ("- Neglect – Autumn term 2027", "“Neglect – Autumn term 2027” no day ?no day"),
    ("Neglect – first Monday of each month from 1 March 2027", "no day ?several"),
    ("Neglect – every Monday from 1 March 2027 until 22 March 2027", "no day ?several"),
    ("SPRING TERM 2027\n\nMon 1st March\tNeglect\tTown Hall", "1/3/27 @Town Hall"),
    ("MARCH 2027\n\nMon 1st – Neglect – Town Hall", "refused"),
    ("Autumn 2027/28\n\nNeglect – 14 January", "14/1/28"),
    ("Module 1 & 2 – 5 November 2027", "“Module 1 & 2” 5/11/27"),
    ("Neglect: Level 3 – 5/11/2027", "“Neglect: Level 3” 5/11/27"),
    ("Neglect (0-5s) – 5/11/2027", "“Neglect (0-5s)” 5/11/27"),
    ("Working Together 2026 – 5/11/2027", "“Working Together 2026” 5/11/27"),
    ("Neglect – 29/02/2027 – Town Hall", "no day @Town Hall ?no day"),
    ("Neglect – 31 November 2027 – Town Hall", "no day @Town Hall ?no day"),
    ("Neglect – 5 Novmber 2027 – Town Hall", "refused"),
    ("Course,Date\nNeglect,Fri 05/11/27\n", "5/11/27"),
    ('Course,Date\nNeglect,"5, 12 & 19 Nov 2027"\n', "5/11/27 ?several"),
    ("Course,Date\nNeglect,05/11/2027 or 12/11/2027\n", "5/11/27 ?not used ?several days"),
    ("Course,Date\nNeglect,Nov-27\n", "no day ?no day"),
]

NO_SESSION = [
    (f"Neglect – {DAY} – Town Hall (book by 1 Oct)", "5/11/27 @Town Hall closes=1/10/27"),
    (
        f"Neglect – {DAY}, Town Hall, closing date 22 October 2027",
        "5/11/27 @Town Hall closes=22/10/27",
    ),
    (
        f"Neglect – {DAY}. Town Hall. Please book before 22/10/27.",
        "5/11/27 @Town Hall closes=22/10/27",
    ),
    (f"Neglect – was 29/10/2027, now {DAY} – Town Hall", "5/11/27 @Town Hall ?other day"),
    (f"Neglect – 29/10/2027 (now {DAY}) – Town Hall", "5/11/27 @Town Hall ?other day"),
    (f"Neglect – 29/10/2027 → {DAY} – Town Hall", "29/10/27 @Town Hall ?not used ?several days"),
    (f"Neglect – {DAY} (rearranged from 29/10/2027) – Town Hall", "5/11/27 @Town Hall ?other day"),
    (f"Neglect – {DAY} – Town Hall – added 1/9/2027", "5/11/27 @Town Hall ?other day"),
    (f"Neglect – {DAY} – Town Hall – last updated: 1/9/2027", "5/11/27 @Town Hall ?other day"),
    (f"Programme as at 1 September 2027\n\nNeglect – {DAY} – Town Hall", "5/11/27 @Town Hall"),
    ("Neglect – postponed from 29 October to 5 November 2027", "5/11/27 ?other day"),
    (
        f"Neglect – {DAY} – Town Hall – previously run on 1/9/2026",
        "5/11/27 @Town Hall ?other day",
    ),
    (
        f"Neglect – {DAY} – Town Hall – next one 1/9/2028",
        "5/11/27 @Town Hall ?not used ?several days",
    ),
    (
        f"Neglect – {DAY} – Town Hall – bookings open 1/9/2027",
        "5/11/27 @Town Hall ?other day",
    ),
    (
        f"Neglect – {DAY} – Town Hall – repeated 12/11/2027",
        "5/11/27 @Town Hall ?not used ?several days",
    ),
    (
        f"Neglect – {DAY} – Town Hall – part 2 on 12/11/2027",
        "5/11/27 @Town Hall ?not used ?several days",
    ),
    (f"Course,Date,Book by\nNeglect,{DAY},22 Oct\n", "5/11/27 closes=22/10/27"),
    (f"Course,Date,Original date\nNeglect,{DAY},22/10/2027\n", "5/11/27"),
    (f"Course,Date\nNeglect,was 29/10/2027 now {DAY}\n", "5/11/27 ?other day"),
]

TIMES = [
    (f"Neglect – {DAY} – 9:30am–12:30pm – Town Hall", "5/11/27 09:30-12:30 @Town Hall"),
    (f"Neglect – {DAY} – 9.30 – 12.30 – Town Hall", "5/11/27 09:30-12:30 @Town Hall"),
    ("9.30/12.30 - 5 March 2027 - Neglect", "5/3/27 09:30-12:30 ?time"),
    ("Neglect - 9.30/12.30 - 5 March 2027", "5/3/27 09:30-12:30 ?time"),
    (f"Neglect – {DAY} – 9.30/12.30 – Town Hall", "5/11/27 09:30-12:30 @Town Hall ?time"),
    (f"Neglect – {DAY} – 0930-1230 – Town Hall", "5/11/27 09:30-12:30 @Town Hall"),
    (f"Neglect – {DAY} – 0930 to 1230hrs – Town Hall", "5/11/27 09:30-12:30 @Town Hall"),
    (f"Neglect – {DAY} – 09.30hrs – Town Hall", "5/11/27 09:30 @Town Hall"),
    (f"Neglect – {DAY} – 9-12 – Town Hall", "5/11/27 09:00-12:00 @Town Hall"),
    (f"Neglect – {DAY} – 9am til 12 – Town Hall", "5/11/27 09:00-12:00 @Town Hall"),
    (f"Neglect – {DAY} – 10am till noon – Town Hall", "5/11/27 10:00-12:00 @Town Hall"),
    (f"Neglect – {DAY} – 9.30 a.m. to 12.30 p.m. – Town Hall", "5/11/27 09:30-12:30 @Town Hall"),
    (f"Neglect – {DAY} – 9.30 am start – Town Hall", "5/11/27 09:30 @Town Hall"),
    (
        f"Neglect – {DAY} – starts 9.30am, finishes 12.30pm – Town Hall",
        "5/11/27 09:30-12:30 @Town Hall",
    ),
    (f"Neglect – {DAY} – Start: 9.30 Finish: 12.30 – Town Hall", "5/11/27 09:30-12:30 @Town Hall"),
    (f"Neglect – {DAY} – from 9.30am until 12.30pm at Town Hall", "5/11/27 09:30-12:30 @Town Hall"),
    (f"Neglect – {DAY} – 9.15 for 9.30am start – Town Hall", "5/11/27 09:30 @Town Hall ?not used"),
    (
        f"Neglect – {DAY} – registration 9.15am, 9.30am - 1pm – Town Hall",
        "5/11/27 09:30-13:00 @Town Hall ?not used",
    ),
    (
        f"Neglect – {DAY} – 9.30am - 12.30pm and 1.30pm - 4pm – Town Hall",
        "5/11/27 09:30-12:30 @Town Hall ?not used",
    ),
    (
        f"Neglect – {DAY} – 9.30am - 12.30pm or 1.30pm - 4pm – Town Hall",
        "5/11/27 09:30-12:30 @Town Hall ?not used",
    ),
    (f"Neglect – {DAY} @ 10 – Town Hall", "5/11/27 10:00 @Town Hall"),
    (f"Neglect – {DAY} at 10am, Town Hall", "5/11/27 10:00 @Town Hall"),
    (f"Neglect – {DAY} – 10 o'clock – Town Hall", "5/11/27 10:00 @Town Hall"),
    (f"Neglect – {DAY} – 12noon-1.30pm – Town Hall", "5/11/27 12:00-13:30 @Town Hall"),
    (f"Neglect – {DAY} – 7pm-midnight – Town Hall", "5/11/27 19:00-00:00 @Town Hall ?text"),
    (
        f"Neglect – {DAY} – All day (9.30-4.30) – Town Hall",
        "5/11/27 09:30-16:30 @Town Hall ?not used",
    ),
    (f"Neglect – {DAY} – AM – Town Hall", "5/11/27 @Town Hall ?text"),
    (f"Neglect – {DAY} – 9h30-12h30 – Town Hall", "5/11/27 09:30-12:30 @Town Hall"),
    (f"Neglect – {DAY} – 9;30-12;30 – Town Hall", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – 13:00-15:00 GMT – Town Hall", "5/11/27 13:00-15:00 @Town Hall ?not used"),
    (f"Neglect – {DAY} – 1-3 – Town Hall", "5/11/27 01:00-03:00 @Town Hall ?night"),
    (f"Neglect – {DAY} – 1-3pm – Town Hall", "5/11/27 13:00-15:00 @Town Hall"),
    (f"Course,Date,Time\nNeglect,{DAY},9.30 - 12.30\n", "5/11/27 09:30-12:30"),
    (f"Course,Date,Time\nNeglect,{DAY},9.30/12.30\n", "5/11/27 09:30-12:30 ?time"),
    (f"Course,Date,Time\nNeglect,{DAY},9.5\n", "5/11/27 ?text"),
    (f"Course,Date,Start,Finish\nNeglect,{DAY},9.30,12.30\n", "5/11/27 09:30-12:30"),
    (f"Course,Date,Start,Finish\nNeglect,{DAY},9.30am,1\n", "5/11/27 09:30-13:00"),
    (f"Course,Date,Start,Finish\nNeglect,{DAY},0.3958,0.5\n", "5/11/27 09:30-12:00 ?time"),
    (f"Course,Date,Time,Duration\nNeglect,{DAY},9.30am,3 hours\n", "5/11/27 09:30"),
    (f"Course,Date,Time\nNeglect,{DAY},9.30am (3 hours)\n", "5/11/27 09:30 ?not used"),
    (f"Course,Date,Time\nNeglect,{DAY},9.30am Town Hall\n", "5/11/27 09:30 @Town Hall"),
]

PLACES = [
    (f"Neglect – {DAY} – Town Hall [upstairs]", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – Town Hall (upstairs)", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – Town Hall (Room 3)", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – Town Hall {{parking at rear}}", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – (Town Hall)", "5/11/27 ?not used"),
    (f"Neglect – {DAY} – [Town Hall]", "5/11/27 ?not used"),
    (f"Neglect – {DAY} – “Town Hall”", "5/11/27 @Town Hall"),
    (f"Neglect – {DAY} – TOWN HALL", "5/11/27 @Town Hall"),
    (f"Neglect – {DAY} – the Town Hall.", "5/11/27 @Town Hall"),
    (f"Neglect – {DAY} – Town Hall?", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – Town Hall or Civic Centre", "5/11/27 @Town Hall or Civic Centre"),
    (f"Neglect – {DAY} – Town Hall / online", "5/11/27 @Town Hall online ?text"),
    (f"Neglect – {DAY} – Teams", "5/11/27 online"),
    (f"Neglect – {DAY} – MS Teams (link to follow)", "5/11/27 online ?not used"),
    (f"Neglect – {DAY} – Online (Zoom)", "5/11/27 online"),
    (f"Neglect – {DAY} – Virtual", "5/11/27 online"),
    (f"Neglect – {DAY} – face to face at Town Hall", "5/11/27 @Town Hall"),
    (f"Neglect – {DAY} – F2F, Town Hall", "5/11/27 @Town Hall"),
    (f"Neglect – {DAY} – in person – Town Hall", "5/11/27 @Town Hall"),
    (f"Neglect – {DAY} – hybrid – Town Hall", "5/11/27 @Town Hall hybrid"),
    (f"Neglect – {DAY} – Town Hall – bring a laptop", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – Town Hall – lunch provided", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – ditto", "5/11/27 ?not used"),
    (f'Course,Date,Venue\nNeglect,{DAY},"\n', "refused"),
    (f"Course,Date,Venue\nNeglect,{DAY},as above\n", "5/11/27 @as above"),
    *(
        (
            f"Course,Date,Venue\nNeglect,{DAY},Town Hall\nNeglect,12/11/2027,{ditto}\n",
            "5/11/27 @Town Hall; 12/11/27 @Town Hall",
        )
        for ditto in ("as above", "ditto", "Do.", "same", "〃", "(same venue)", "’’", "- ” -")
    ),
    (
        f"Course,Date,Start,Finish\nNeglect,{DAY},9.30,13:00\nDitto,12/11/2027,ditto,as before\n",
        "5/11/27 09:30-13:00; 12/11/27 09:30-13:00",
    ),
    (f"Course,Date,Venue\nNeglect,{DAY},Teams\n", "5/11/27 online"),
    (f"Course,Date,Venue\nNeglect,{DAY},-\n", "5/11/27"),
    (f"Course,Date,Venue\nNeglect,{DAY},Town Hall [Room 3]\n", "5/11/27 @Town Hall [Room 3]"),
]

ADDRESSES = [
    (f'Neglect – {DAY} – Book: "sam smith"x@example.org', "5/11/27 ?not used"),
    (f"Neglect – {DAY} – Book: sam.smith@example.org", "5/11/27 book=sam.smith@example.org"),
    (
        f"Neglect – {DAY} – Book: Sam Smith <sam.smith@example.org>",
        "5/11/27 book=sam.smith@example.org ?not used",
    ),
    (
        f"Neglect – {DAY} – sam@example.org; pat@example.org",
        "5/11/27 book=sam@example.org ?not used",
    ),
    (f"Neglect – {DAY} – sam at example.org", "5/11/27 ?not used"),
    (f"Neglect – {DAY} – sam (at) example.org", "5/11/27 ?not used"),
    (
        f"Neglect – {DAY} – o'neil.sam+training@example.org",
        "5/11/27 book=o'neil.sam+training@example.org",
    ),
    (f"Neglect – {DAY} – sam smith@example.org", "5/11/27 book=smith@example.org ?not used"),
    (f"Neglect – {DAY} – sam@ example.org", "5/11/27 ?not used"),
    (f"Neglect – {DAY} – https://example.org/a(b)c).", "5/11/27 book=https://example.org/a(b)c"),
    (f"Neglect – {DAY} – <https://example.org/a>", "5/11/27 book=https://example.org/a"),
    (f"Neglect – {DAY} – example.org/book", "5/11/27 ?not used"),
    (
        f"Neglect – {DAY} – Book here (https://example.org/x?a=1&b=2)",
        "5/11/27 book=https://example.org/x?a=1&b=2",
    ),
    (
        f"Neglect – {DAY} – online, join: https://teams.example.org/l/1",
        "5/11/27 online join=https://teams.example.org/l/1",
    ),
    (
        f'Course,Date,Booking\nNeglect,{DAY},"sam@example.org, pat@example.org"\n',
        "5/11/27 book=sam@example.org, pat@example.org ?text",
    ),
    (
        f"Course,Date,Booking\nNeglect,{DAY},mailto:sam@example.org\n",
        "5/11/27 book=sam@example.org",
    ),
    (
        f"Course,Date,Booking\nNeglect,{DAY},Sam Smith sam@example.org\n",
        "5/11/27 book=Sam Smith sam@example.org ?text",
    ),
    (
        f"Course,Date,Booking\nNeglect,{DAY},www.example.org/book\n",
        "5/11/27 book=https://www.example.org/book",
    ),
]

NUMBERS = [
    (f"Neglect – {DAY} – Town Hall – 25", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – Town Hall – 25 places", "5/11/27 @Town Hall 25 places"),
    (f"Neglect – {DAY} – Town Hall – max 25", "5/11/27 @Town Hall 25 places"),
    (f"Neglect – {DAY} – Town Hall – Max. 25 people", "5/11/27 @Town Hall 25 places"),
    (f"Neglect – {DAY} – Town Hall (25 spaces)", "5/11/27 @Town Hall 25 places"),
    (f"Neglect – {DAY} – Town Hall – 25 pax", "5/11/27 @Town Hall 25 places"),
    (f"Neglect – {DAY} – Town Hall – capacity 25", "5/11/27 @Town Hall 25 places"),
    (f"Neglect – {DAY} – Town Hall – 12/20 booked", "5/11/27 @Town Hall open 20 places"),
    (f"Neglect – {DAY} – Town Hall – 2 left", "5/11/27 @Town Hall last_places"),
    (f"Neglect – {DAY} – Town Hall – limited to 25", "5/11/27 @Town Hall 25 places"),
    (f"Neglect – {DAY} – Town Hall – up to 25 delegates", "5/11/27 @Town Hall 25 places"),
    (f"Neglect – {DAY} – Town Hall – 20-25 places", "5/11/27 @Town Hall ?delivery"),
    (f"Neglect – {DAY} – Town Hall – £45 pp", "5/11/27 @Town Hall cost=£45 pp"),
    (f"Neglect – {DAY} – Town Hall – £45 + VAT", "5/11/27 @Town Hall cost=£45 + VAT"),
    (
        f"Neglect – {DAY} – Town Hall – £45 (free for schools)",
        "5/11/27 @Town Hall cost=£45 ?not used",
    ),
    (f"Neglect – {DAY} – Town Hall – free to partners", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – Town Hall – No charge", "5/11/27 @Town Hall cost=No charge"),
    (f"Neglect – {DAY} – Town Hall – FREE", "5/11/27 @Town Hall cost=FREE"),
    (f"Neglect – {DAY} – Town Hall – Sam Smith", "5/11/27 @Town Hall ?not used"),
    (f"Neglect – {DAY} – Town Hall – Trainer Sam Smith", "5/11/27 @Town Hall ?not used"),
    (
        f"Neglect – {DAY} – Town Hall – Tutor: Sam Smith (NSPCC)",
        "5/11/27 @Town Hall trainer=Sam Smith ?not used",
    ),
    (f"Neglect – {DAY} – Town Hall – for social workers", "5/11/27 @Town Hall ?not used"),
    (
        f"Neglect – {DAY} – Town Hall – Audience: Social workers",
        "5/11/27 @Town Hall for=Social workers ?audience",
    ),
    (f"Course,Date,Places\nNeglect,{DAY},25.0\n", "5/11/27 25 places"),
    (f"Course,Date,Places\nNeglect,{DAY},unlimited\n", "5/11/27 ?delivery"),
    (f"Course,Date,Cost\nNeglect,{DAY},45\n", "5/11/27 cost=45"),
    (f"Course,Date,Capacity,Booked\nNeglect,{DAY},25,12\n", "5/11/27 25 places"),
]


PLACES.append(
    (
        f"Course,Date,Places\nNeglect,{DAY},25\nNeglect,12/11/2027,〃\n",
        "5/11/27 25 places; 12/11/27 25 places",
    )
)

# A status beside the title, in its own column.
TITLES = [
    (f"Course,Date\n{title},{DAY}\n", outcome)
    for title, outcome in [
        ("Neglect PROVISIONAL", "5/11/27 ?provisional"),
        ("Neglect - provisional", "5/11/27 ?provisional"),
        ("Neglect *provisional*", "5/11/27 ?provisional"),
        ("PROVISIONAL: Neglect", "5/11/27 ?provisional"),
        ("Neglect TBC", "5/11/27 ?provisional"),
        ("Neglect (tbc)", "5/11/27 ?provisional"),
        ("Neglect [date to be confirmed]", "5/11/27 ?provisional"),
        ("Neglect FULL", "5/11/27 full"),
        ("Neglect – FULLY BOOKED", "5/11/27 full"),
        ("Neglect (now full)", "5/11/27 full"),
        ("FULL - Neglect", "5/11/27 full"),
        ("Neglect | waiting list", "5/11/27 waiting_list"),
        ("Neglect (2 places left)", "5/11/27 last_places"),
        ("Neglect NEW DATE", "5/11/27 ?said moved"),
        ("Neglect (moved online)", "5/11/27 online ?said moved"),
        ("Neglect POSTPONED", "5/11/27 ?not held"),
        ("CANCELLED - Neglect", "5/11/27 ?not held"),
        ("Cancelled: Loss", "“Loss” 5/11/27 ?not held"),
        ("Loss and full recovery", "“Loss and full recovery” 5/11/27"),
        ("Provisional carers", "“Provisional carers” 5/11/27"),
        ("Drafting a plan", "“Drafting a plan” 5/11/27"),
        ("Full", "“Full” 5/11/27"),
    ]
]

# A note that says until when to book; other days in a note stay there.
NOTES = [
    (f"Course,Date,Notes\nNeglect,{DAY},{note}\n", outcome)
    for note, outcome in [
        ("Book by 3 March", "5/11/27 closes=3/3/27"),
        ("Book by 3 March 2027", "5/11/27 closes=3/3/27"),
        ("Closing date: 22 October", "5/11/27 closes=22/10/27"),
        ("Deadline 22/10/2027", "5/11/27 closes=22/10/27"),
        ("RSVP by Fri 22 October", "5/11/27 closes=22/10/27"),
        ("(please book before 22.10.27)", "5/11/27 closes=22/10/27"),
        (
            "Bring lunch. Book by 22/10/2027.",
            "5/11/27 note=Bring lunch. Book by 22/10/2027. ?closes",
        ),
        ("Book by the end of term", "5/11/27 note=Book by the end of term"),
        ("was 4 November", "5/11/27 note=was 4 November"),
        ("moved from 4/11/2027", "5/11/27 note=moved from 4/11/2027"),
    ]
]

WORDS_OF_TIME = [
    (f"Neglect – {DAY} – half past nine – Town Hall", "5/11/27 09:30 @Town Hall"),
    (f"Neglect – {DAY} – quarter to ten – Town Hall", "5/11/27 09:45 @Town Hall"),
    (f"Neglect – {DAY} – a quarter past ten – Town Hall", "5/11/27 10:15 @Town Hall"),
    (
        f"Neglect – {DAY} – half past 9 to quarter to 1 – Town Hall",
        "5/11/27 09:30-12:45 @Town Hall",
    ),
    (f"Neglect – {DAY} – half nine to twelve at Town Hall", "5/11/27 09:30-12:00 @Town Hall"),
    (f"Neglect – {DAY} – ten o’clock until one – Town Hall", "5/11/27 10:00-13:00 @Town Hall"),
    (f"Neglect – {DAY} – Ten am to one pm – Town Hall", "5/11/27 10:00-13:00 @Town Hall"),
    (f"Neglect – {DAY} – from nine o'clock – Town Hall", "5/11/27 09:00 @Town Hall"),
    (f"Neglect – {DAY} – 9.30am – one day course", "5/11/27 09:30 ?not used"),
    (f"Neglect – {DAY} – ten till four – Town Hall", "5/11/27 @Town Hall ?not used"),
    (f"One to one support – {DAY} – Town Hall", "“One to one support” 5/11/27 @Town Hall"),
    (f"Half past caring – {DAY} – Town Hall", "“Half past caring” 5/11/27 @Town Hall"),
    *(
        (f"Course,Date,Time\nNeglect,{DAY},{text}\n", f"5/11/27 {outcome}")
        for text, outcome in [
            ("half past nine to twelve", "09:30-12:00"),
            ("Quarter to ten till noon", "09:45-12:00"),
            ("twenty to ten", "09:40"),
            ("twenty-five past nine", "09:25"),
            ("ten past nine", "09:10"),
            ("nine to five", "09:00-17:00"),
            ("ten - four", "10:00-16:00"),
            ("half past one to three", "01:30-03:00 ?night"),
            ("ten to four", "?text"),
            ("five to twelve", "?text"),
            ("half past thirteen", "?text"),
        ]
    ),
    (f"Course,Date,Start,Finish\nNeglect,{DAY},half past nine,one\n", "5/11/27 09:30-13:00"),
]

# What a star beside a line says below it; the heading of a month; days in figures without a year.
AROUND = [
    (f"Neglect – {DAY} – Town Hall*\n\n* lunch included\n", "5/11/27 @Town Hall ?not used"),
    (
        f"Neglect – {DAY}*\nNeglect – 12/11/2027\nNeglect – 19/11/2027*\n\n*provisional",
        "5/11/27 ?provisional; 12/11/27; 19/11/27 ?provisional",
    ),
    (
        f"Neglect – {DAY}*\nNeglect – 12/11/2027**\n* full\n** to be confirmed",
        "5/11/27 full; 12/11/27 ?provisional",
    ),
    (f"* Neglect – {DAY}\n* Loss – 12/11/2027", "5/11/27; “Loss” 12/11/27"),
    (
        f"Course,Date\nNeglect*,{DAY}\nLoss,12/11/2027\n* provisional,\n",
        "5/11/27 ?provisional; “Loss” 12/11/27",
    ),
    (
        f"Course,Date,Venue\nNeglect,{DAY},Town Hall †\n† no parking,,\n",
        "5/11/27 @Town Hall ?not used",
    ),
    (f"Course,Date\nNOVEMBER 2027,\nNeglect,{DAY}\n", "5/11/27"),
    (f"Course,Date\nNeglect,{DAY}\nDecember,\nNeglect,3/12/2027\n", "5/11/27; 3/12/27"),
    ("Course,Date\nNeglect,Tue 2/3\n", "2/3/27"),
    ("Course,Date\nNeglect,2/3\n", "no day ?no day"),
    ("Neglect – Tue 2/3 – Town Hall", "2/3/27 @Town Hall"),
    ("Neglect – Tue 2/3 and Thu 4/3 – Town Hall", "2/3/27 @Town Hall ?several"),
    ("Neglect – Tue 2/3 2027 – Town Hall", "2/3/27 @Town Hall"),
]


# What went wrong once, of people who keep programmes like this; the outcome is the right one.
ONCE_WRONG = [
    (f"Neglect – {DAY} – CANCELLED", "5/11/27 ?not held"),
    (f"Neglect – {DAY}\nCANCELLED", "5/11/27 ?not held"),
    (f"Neglect – {DAY} postponed", "5/11/27 ?not held"),
    (f"Course,Date,Status\nNeglect,{DAY},CANCELLED\n", "5/11/27 ?not held"),
    (f"Course,Date,State\nNeglect,{DAY},CANCELLED\n", "5/11/27 ?not held"),
    (
        f"Course,Date,Note\nNeglect,{DAY},CANCELLED - trainer unwell\n",
        "5/11/27 note=CANCELLED - trainer unwell ?not held",
    ),
    (f"Neglect – {DAY} FULLY BOOKED", "5/11/27 full"),
    (f"Neglect – {DAY} NEW DATE", "5/11/27 ?said moved"),
    ("Neglect – 12 and 19 November 2027", "12/11/27 ?several"),
    ("Neglect – 05/11/2027 & 08/12/2027", "5/11/27 ?several"),
    ("Neglect – Tuesday 5th and Thursday 7th October 2027", "5/10/27 ?several"),
    ("Neglect – 5, 12 and 19 November 2027", "5/11/27 ?several"),
    ("Course,Date\nNeglect,12 and 19 November 2027\n", "12/11/27 ?several"),
    ("Neglect – 5 and 6 November 2027", "5/11/27 to 6/11/27"),
    (
        f"Neglect – {DAY}\nBook: pat.o'example@example.org",
        "5/11/27 book=pat.o'example@example.org",
    ),
    (
        f"Neglect – {DAY}\nBook: pat.o’example@example.org",
        "5/11/27 book=pat.o'example@example.org",
    ),
    (
        f"Neglect – {DAY}\nBook: https://example.org/course_(2027)",
        "5/11/27 book=https://example.org/course_(2027)",
    ),
    (
        f"Neglect – {DAY}\nBook: www.example.org/book",
        "5/11/27 book=https://www.example.org/book",
    ),
    (
        "Course,Date\nNeglect,11/05/2027\nNeglect,11/25/2027\nNeglect,12/31/2027\n",
        "5/11/27 ?order; 25/11/27 ?order; 31/12/27 ?order",
    ),
    ("HB Module 1 & 2 – 5 November 2027", "“HB Module 1 & 2” 5/11/27"),
    ("Neglect 2 – 5 November 2027", "“Neglect 2” 5/11/27 ?number"),
    ("Neglect 11 to 18 May 2027 update", "“Neglect 11” 18/5/27 ?not used ?number"),
    ("Level 2 – 5 November 2027", "“Level 2” 5/11/27"),
    ("Neglect – \u200e05/\u200e11/\u200e2027", "5/11/27"),
    ("Course,Date\n\u200eNeglect,\u206605/11/2027\u2069\n", "5/11/27"),
    (f"Neglect 12 noon – 2pm – {DAY}", "5/11/27 12:00-14:00"),
    (f"Neglect – {DAY} 12 noon - 2pm", "5/11/27 12:00-14:00"),
    (f"Neglect – {DAY} 10am-12noon", "5/11/27 10:00-12:00"),
    (f"Course,Date,Time\nNeglect,{DAY},12 noon - 2pm\n", "5/11/27 12:00-14:00"),
    ("Neglect – w/c 8 November 2027", "no day ?several"),
    ("Neglect – week beginning 8 November 2027", "no day ?several"),
    ("Neglect – week commencing 8 November 2027", "no day ?several"),
    ("Neglect – 31 December - 2 January 2028", "31/12/27 to 2/1/28"),
    ("Neglect – 30 Dec - 3 Jan 2028", "30/12/27 to 3/1/28"),
    ("Neglect – 14 Jan 27", "14/1/27"),
    ("Neglect – Fri 5 Nov '27", "5/11/27"),
    ("Neglect – 2027/11/05", "5/11/27"),
    ("Neglect – 2027-11-05T09:30:00", "5/11/27 09:30"),
    ("Course,Date\nNeglect,2027-11-05T09:30:00\n", "5/11/27 09:30"),
    (f"Course,Date,Start\nNeglect,{DAY},9.3\n", "5/11/27 ?text"),
    (f"Course,Date,Start\nNeglect,{DAY},0.3958333\n", "5/11/27 09:30 ?time"),
    ("Course,Date\nNeglect,46696\n", "5/11/27 ?weekday"),
    (f"Course,Date,Start,End\nNeglect,{DAY},9.30,{DAY} 13:00\n", "5/11/27 09:30-13:00"),
    (f"Course,Date,Online\nNeglect,{DAY},TRUE\n", "5/11/27 online"),
]

KINDS = {
    "once wrong": ONCE_WRONG,
    "status": STATUS,
    "days": DAYS,
    "no session": NO_SESSION,
    "times": TIMES,
    "places": PLACES,
    "addresses": ADDRESSES,
    "numbers": NUMBERS,
    "titles": TITLES,
    "notes": NOTES,
    "words of time": WORDS_OF_TIME,
    "around": AROUND,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_programme_as_people_keep_it_is_read_right_or_asked_about(kind: str) -> None:
    make_course(title="Neglect")
    make_venue(name="Town Hall")
    user = make_user("Publishers")
    table = KINDS[kind]
    assert [(text, outcomes(text, user)) for text, _ in table] == table
