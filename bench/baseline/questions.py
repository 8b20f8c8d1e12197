"""Invented questions, the same for both sides: places to fill, of the length that certification questions have."""
import csv, random

CATEGORY = "Cloud practice"
COUNT = 499
WHO = ("A bakery with four shops", "A school district", "A small publisher", "A bus company", "A museum", "A seed library", "A choir's office")
WANTS = (
    "wants its order records to stay readable when one of its two server rooms loses power",
    "wants to know which of its programs sent the most data last month, without installing anything on them",
    "wants new staff to see the test data only, and to be told apart in the log",
    "wants to move nine years of scanned letters to cheaper storage, since hardly anybody opens them",
    "wants its booking page to answer as quickly on the first day of a month as on any other",
    "wants an alarm before its certificates run out, sent to two people at least",
)
WITH = ("The budget is fixed for the year", "Two people look after all of it", "Nobody is there at night", "The law asks for records of ten years")
DOES = ("Keep a second copy in", "Give each program a role of its own in", "Add a rule to", "Turn on the daily report of", "Let a queue take the load off")
THING = ("the records store", "the gateway", "the account directory", "the archive vault", "the metrics service", "the message hub", "the key cabinet")
WHERE = ("and test it every quarter", "and take the old rights away", "in a second region", "with a limit per day", "behind the load balancer")


def questions():
    """(question, four options, the right letter, explanation), always the same."""
    dice = random.Random(20)
    for number in range(1, COUNT + 1):
        options = []
        while len(options) < 4:
            option = f"{dice.choice(DOES)} {dice.choice(THING)} {dice.choice(WHERE)}"
            if option not in options:
                options.append(option)
        text = f"Case {number}. {dice.choice(WHO)} {dice.choice(WANTS)}. {dice.choice(WITH)}. What does this need with the least work to keep it going?"
        right = dice.randrange(4)
        yield text, options, "ABCD"[right], f"{options[right]}: the others leave one of the conditions of case {number} open, or take more looking after."


def write_csv(path):
    """The questions as a file that `examhall import` reads."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("question", "option_a", "option_b", "option_c", "option_d", "correct_answer", "explanation", "category"))
        for text, options, right, explanation in questions():
            writer.writerow((text, *options, right, explanation, CATEGORY))
