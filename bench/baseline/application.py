"""A quiz application as the note describes it: pages with forms, a session file per user, and one commit when a quiz is over."""
from datetime import datetime, timezone
from functools import wraps

from cachelib.file import FileSystemCache
from flask import Flask, redirect, render_template, request, session, url_for
from flask_session import Session

import database, passwords, settings
from style import STYLE

COUNTS = (10, 20, 30, 50, 65)
LETTERS = ("a", "b", "c", "d")

app = Flask(__name__)
app.config.update(
    SESSION_TYPE="cachelib",
    # No cap: with the library's own of 500 files, users are thrown out of their quiz when more are there.
    SESSION_CACHELIB=FileSystemCache(settings.SESSIONS, threshold=0),
    SESSION_PERMANENT=True,
)
Session(app)
app.teardown_appcontext(database.give_back)
app.jinja_env.globals["STYLE"] = STYLE
app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
database.open_pool()


def signed_in(view):
    @wraps(view)
    def inner(*arguments, **names):
        if "user_id" not in session:
            return redirect(url_for("login"))
        return view(*arguments, **names)

    return inner


def note_activity(kind, description):
    database.query(
        "INSERT INTO user_activities (user_id, activity_type, description) VALUES (%s, %s, %s)",
        (session["user_id"], kind, description),
    )


@app.get("/health")
def health():
    return {"status": "healthy"}


@app.get("/login")
def login():
    return render_template("login.html")


@app.post("/login")
def log_in():
    username, password = request.form.get("username", ""), request.form.get("password", "")
    found = database.query(
        "SELECT id, username, first_name, password_hash FROM users WHERE username = %s OR email = %s", (username, username), rows=True
    )
    if not found or not passwords.fits(password, found[0][3]):
        return render_template("login.html", error="The user name or the password is wrong."), 401
    session.clear()
    session["user_id"], session["username"], session["first_name"], _ = found[0]
    database.query("UPDATE users SET last_login = now() WHERE id = %s", (session["user_id"],))
    note_activity("login", "Logged in")
    database.commit()
    return redirect(url_for("dashboard"))


@app.get("/dashboard")
@signed_in
def dashboard():
    user = (session["user_id"],)
    results = database.query(
        "SELECT category, score, total, completed_at FROM quiz_results WHERE user_id = %s ORDER BY completed_at DESC LIMIT 10", user, rows=True
    )
    summary = database.query(
        "SELECT category, quizzes, questions, correct_answers FROM user_performance_summary WHERE user_id = %s", user, rows=True
    )
    activities = database.query(
        "SELECT activity_type, description, created_at FROM user_activities WHERE user_id = %s ORDER BY created_at DESC LIMIT 10", user, rows=True
    )
    return render_template("dashboard.html", results=results, summary=summary, activities=activities)


@app.get("/quiz")
@signed_in
def choose():
    categories = database.query("SELECT category, count(*) FROM questions GROUP BY category ORDER BY category", rows=True)
    return render_template("choose.html", categories=categories, counts=COUNTS)


@app.post("/quiz/start")
@signed_in
def start():
    category, count = request.form.get("category", ""), request.form.get("count", 20, type=int)
    questions = database.query(
        "SELECT id, question, option_a, option_b, option_c, option_d, correct_answer, explanation FROM questions "
        "WHERE category = %s ORDER BY random() LIMIT %s",
        (category, min(max(count, 1), COUNTS[-1])),
        rows=True,
    )
    if not questions:
        return render_template("choose.html", categories=[], counts=COUNTS, error="There is no such category."), 404
    note_activity("quiz_started", f"Started {category} with {len(questions)} questions")
    database.commit()
    session["quiz"] = {
        "category": category,
        "questions": [list(question) for question in questions],
        "answers": [],
        "started_at": datetime.now(timezone.utc).isoformat(),
    }
    return redirect(url_for("question"))


@app.get("/quiz/question")
@signed_in
def question():
    quiz = session.get("quiz")
    if quiz is None:
        return redirect(url_for("choose"))
    place = len(quiz["answers"])
    if place == len(quiz["questions"]):
        return redirect(url_for("results"))
    _, text, *options, _, _ = quiz["questions"][place]
    return render_template(
        "question.html", quiz=quiz, number=place + 1, total=len(quiz["questions"]), text=text, options=list(zip(LETTERS, options))
    )


@app.post("/quiz/answer")
@signed_in
def answer():
    quiz = session.get("quiz")
    if quiz is None:
        return redirect(url_for("choose"))
    given = request.form.get("answer", "")
    if given in LETTERS and len(quiz["answers"]) < len(quiz["questions"]):
        quiz["answers"].append(given)
        session.modified = True
    return redirect(url_for("question"))


@app.get("/quiz/results")
@signed_in
def results():
    quiz = session.get("quiz")
    if quiz is None or len(quiz["answers"]) < len(quiz["questions"]):
        return redirect(url_for("choose"))
    graded = [
        (question, given, given == question[6].lower()) for question, given in zip(quiz["questions"], quiz["answers"], strict=True)
    ]
    score, total = sum(right for _, _, right in graded), len(graded)
    store(quiz, graded, score, total)
    session.pop("quiz")
    return render_template("results.html", category=quiz["category"], graded=graded, score=score, total=total, letters=LETTERS)


def store(quiz, graded, score, total):
    """The whole quiz in one transaction: until here, its answers were in the session's file only."""
    [[result]] = database.query(
        "INSERT INTO quiz_results (user_id, category, score, total, started_at) VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (session["user_id"], quiz["category"], score, total, quiz["started_at"]),
        rows=True,
    )
    database.insert_many(
        "INSERT INTO quiz_answers (result_id, question_id, answer, is_correct) VALUES %s",
        [(result, question[0], given, right) for question, given, right in graded],
    )
    database.query(
        "INSERT INTO user_performance_summary AS s (user_id, category, quizzes, questions, correct_answers) VALUES (%s, %s, 1, %s, %s) "
        "ON CONFLICT (user_id, category) DO UPDATE SET quizzes = s.quizzes + 1, questions = s.questions + excluded.questions, "
        "correct_answers = s.correct_answers + excluded.correct_answers",
        (session["user_id"], quiz["category"], total, score),
    )
    note_activity("quiz_completed", f"Completed {quiz['category']} with {score} of {total}")
    database.commit()
