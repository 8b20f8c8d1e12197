-- The tables of the baseline: users, questions, results with their answers, what users do, and a summary for each of them.

CREATE TABLE users (
    id            SERIAL PRIMARY KEY,
    username      TEXT NOT NULL UNIQUE,
    email         TEXT NOT NULL UNIQUE,
    first_name    TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    last_login    TIMESTAMPTZ,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE questions (
    id             SERIAL PRIMARY KEY,
    category       TEXT NOT NULL,
    question       TEXT NOT NULL,
    option_a       TEXT NOT NULL,
    option_b       TEXT NOT NULL,
    option_c       TEXT NOT NULL,
    option_d       TEXT NOT NULL,
    correct_answer TEXT NOT NULL,
    explanation    TEXT NOT NULL
);
CREATE INDEX questions_by_category ON questions (category);

CREATE TABLE quiz_results (
    id           SERIAL PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users (id),
    category     TEXT NOT NULL,
    score        INTEGER NOT NULL,
    total        INTEGER NOT NULL,
    started_at   TIMESTAMPTZ NOT NULL,
    completed_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX quiz_results_by_user ON quiz_results (user_id, completed_at);

CREATE TABLE quiz_answers (
    id          SERIAL PRIMARY KEY,
    result_id   INTEGER NOT NULL REFERENCES quiz_results (id),
    question_id INTEGER NOT NULL REFERENCES questions (id),
    answer      TEXT NOT NULL,
    is_correct  BOOLEAN NOT NULL
);
CREATE INDEX quiz_answers_by_result ON quiz_answers (result_id);

CREATE TABLE user_activities (
    id            SERIAL PRIMARY KEY,
    user_id       INTEGER NOT NULL REFERENCES users (id),
    activity_type TEXT NOT NULL,
    description   TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX user_activities_by_user ON user_activities (user_id, created_at);

CREATE TABLE user_performance_summary (
    user_id         INTEGER NOT NULL REFERENCES users (id),
    category        TEXT NOT NULL,
    quizzes         INTEGER NOT NULL,
    questions       INTEGER NOT NULL,
    correct_answers INTEGER NOT NULL,
    PRIMARY KEY (user_id, category)
);
