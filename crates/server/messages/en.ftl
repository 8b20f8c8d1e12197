### The texts of everybody's pages in English. Those of the staff area stand in en-staff.ftl.
###
### Voice: say what happened, what was kept, what to do; one short sentence each; no blame, no codes, no "please".
### Ids begin with the page or the part they belong to. A test fails on an id that is missing or that nothing uses, and on
### one that another language lacks: de.ftl and ar.ftl hold the same ids in the same order.

## Everywhere

product = Examhall
skip-to-content = Skip to content
nav-main = Main
nav-dashboard = Dashboard
nav-exams = Exams
nav-results = My results
nav-staff = Staff
nav-sign-in = Sign in
nav-sign-up = Sign up
nav-sign-out = Sign out
nav-account = Account
sign-out-unsent = This device keeps answers that have not reached the server. Signing out removes them for good.
sign-out-anyway = Sign out and remove them
nav-language = Language
footer-promise = An answer that says “Saved” is saved.
demo-note = This is a demo. Anything here may be reset.
no-value = –
no-limit = No limit
untimed = Untimed
number = { $value }
percent = { $value }%
n-of = { $n } of { $of }
list-comma = ,
up-to = Up to { $count }
questions = { $count ->
    [one] { $count } question
   *[other] { $count } questions
}
questions-up-to = Up to { $count ->
    [one] { $count } question
   *[other] { $count } questions
}
attempts = { $count ->
    [one] { $count } attempt
   *[other] { $count } attempts
}
pass-at = Pass { $percent }
points-of = { $points } of { $max }
points-of-long = { $points } of { $max } points
paging = Pages
paging-first = Back to the newest
paging-older = Older
paging-next = Next page
chart-table = Show the numbers
chart-empty = No data yet.

# Moments are shown in UTC by the server; the browser then writes them in local time.
moment = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $year }, { $time } UTC
duration-seconds = { $seconds } s
duration-minutes = { $minutes } min
duration-minutes-seconds = { $minutes } min { $seconds } s
duration-hours = { $hours } h
duration-hours-minutes = { $hours } h { $minutes } min

mode-exam = Exam
mode-practice = Practice
state-open = In progress
state-submitted = Submitted
state-expired = Time ran out
role-candidate = Candidate
role-author = Author
role-invigilator = Invigilator
role-admin = Admin

column-attempt = Attempt
column-domain = Domain
column-score = Score
column-share = Share

## Forms

form-problem = There is a problem
form-title-error = Error:
field-name = Name
field-name-hint = As it should appear on results.
field-email = Email address
field-password = Password
field-password-hint = At least { $least } characters. A few words are easier to remember and harder to guess.
field-current-password = Current password
field-new-password = New password
problem-email-missing = Enter your email address
problem-email-invalid = Enter an email address in the form name@example.org
problem-email-taken = Use another email address. This one has an account already
problem-name-unseen = Enter the name without characters that do not show
problem-name-missing = Enter a name
problem-name-too-long = Shorten the name to { $most } characters
problem-password-missing = Enter your password
problem-current-password-missing = Enter your current password
problem-new-password-missing = Enter a new password
problem-password-too-short = Use at least { $least } characters for the password
problem-password-too-long = Use at most { $most } characters for the password
problem-password-easy = Choose a password that is harder to guess, such as several words
problem-password-unchanged = Choose a password other than the current one
problem-wrong-credentials = Check the email address and the password. They do not belong together
problem-wrong-password = Check your current password. It is not right
problem-wrong-access-code = Check the access code. It is not right, or no longer valid. The exam office can give you a new one
problem-account-disabled = This account is switched off. Ask the people who run your exam
problem-too-many-tries = { $seconds ->
    [one] Wait { $seconds } second, then try again
   *[other] Wait { $seconds } seconds, then try again
}
problem-many-sign-ins = Try again in { $seconds } seconds. Many people are signing in right now, { $ahead } of them before you
problem-set-up-link-spent = This link has been used or is too old. Run “examhall setup-link” to get a new one
problem-question-count-not-offered = Choose one of the numbers of questions
problem-no-attempts-left = You have used all your attempts at this exam
problem-nothing-missed = There is nothing to practise again: the last time, you had every question right
problem-nothing-bookmarked = There is nothing to practise: you have bookmarked no question of this practice
problem-not-open = This exam is not open now

## Front page

home-title = Online exams and practice quizzes
home-heading = The exam hall that holds everyone
home-lead = Sit timed exams and practise for them, see what you got right and why, and follow how you get better.
home-sign-up = Create an account
home-sign-in = Sign in
home-promise-saved = Nothing gets lost.
home-promise-saved-text = “Saved” means it is stored. Without a connection, the open page says so and keeps trying.
home-promise-start = Nobody waits at the bell.
home-promise-start-text = A whole hall may begin at the same moment.
home-promise-clock = The clock is fair.
home-promise-clock-text = Everybody's time is kept by the same clock, on the server.
home-exams = Exams
home-all-exams = All exams

## Accounts

sign-up-title = Create an account
sign-up-button = Create account
sign-up-have-account = Have an account?
sign-in-title = Sign in
sign-in-button = Sign in
sign-in-no-account = New here?
sign-in-by-code = I have an access code
sign-in-by-code-button = Sign in with the code
field-access-code = Access code
field-access-code-hint = It has 12 letters and digits, such as 7K3M-Q9TX-2WHD. Capitals and dashes do not matter.
sign-in-signed-out = You are signed out.
sign-in-required = Sign in to continue. You come back to where you were.
sign-in-is-set-up = There is an admin already, so this link no longer works. Sign in.
sign-in-new-password = Your new password is set. Sign in with it.
sign-in-forgotten = Forgot your password? The exam office can give you a link to set a new one.
set-up-title = Set up Examhall
set-up-lead = This creates the first admin account. The link works once.
set-up-button = Create admin account
password-title = Change your password
password-lead = You stay signed in here and are signed out everywhere else.
password-button = Change password
password-changed = Your password is changed. You are signed out everywhere else.
new-password-title = Set a new password
new-password-lead = It is for the account { $email }. Whoever is signed in to it is signed out.
new-password-button = Set password
new-password-spent-title = This link no longer works
new-password-spent-advice = It has been used, is older than a day, or a newer one has taken its place. The exam office can give you another one.

## Exams

catalogue-title = Exams
catalogue-empty = No exams yet.
exam-create = Create an exam
exam-in-progress = In progress
intro-back = All exams
fact-questions = Questions
fact-time = Time allowed
fact-time-now = Time if you start now
fact-pass = Pass mark
fact-attempts-left = Attempts left
fact-opens = Opens
fact-closes = Closes
attempts-left-of = { $left } of { $allowed }
intro-rules = Before you start
intro-rule-clock = The clock starts when you start, and does not stop.
intro-rule-time-out = When time runs out, what you have saved is submitted for you.
intro-rule-untimed = There is no time limit. You can leave and come back.
intro-rule-closes = When the exam closes, what you have saved is submitted for you, even if you have time left.
intro-rule-saved = Every answer is saved as you go. If the connection drops, go on: answers are kept on this device and sent once it is back. If you have to leave meanwhile, come back on the same device.
intro-rule-penalty = A wrong answer costs marks. An empty one does not.
intro-rule-no-penalty = A wrong answer costs nothing, so answer every question.
intro-release-everything = You see your marks, the right answers and why as soon as you have submitted.
intro-release-marks = You see your marks as soon as you have submitted.
intro-release-after-close = You see your marks when the exam has closed.
intro-release-nothing = Results are not shown here. The people who run the exam will tell you.
intro-sign-in = Sign in to take this.
intro-sign-in-button = Sign in to start
intro-open-attempt = You have started this already.
intro-continue = Continue
intro-blocked-not-open = This exam has not opened yet.
intro-blocked-closed = This exam has closed.
intro-blocked-no-attempts = You have used all your attempts at this exam.
ready-heading = Get ready
ready-trial-text = See how answering works, on a made-up question of which nothing is kept:
ready-trial = try a question
check-start = Check this device
check-again = Check again
check-running = Looking…
check-connection = Connection
check-connection-good = Good: the server answers within { $time }.
check-connection-fair = Slow: the server takes { $time } to answer. You can sit the exam; “Saved” may come a moment later.
check-connection-poor = Unsteady: { $failed } of { $of } tries got no answer. Come closer to the network, or use another one.
check-connection-bad = The server could not be reached. Check the network, then check again.
check-storage = Storage
check-storage-good = This browser can keep what an exam notes on it.
check-storage-fair = This browser keeps some things only. You can sit the exam; flags or what is not sent yet may go when the page closes.
check-storage-bad = This browser keeps nothing for this site. You can sit the exam; flags and what is not sent yet go when the page closes. Leave private browsing, or allow this site to store data.
check-clock = Clock
check-clock-good = The clock of this device is right.
check-clock-fast = The clock of this device is { $time } fast. Your time is kept by the server, so you lose none; go by the clock in the exam.
check-clock-slow = The clock of this device is { $time } slow. Your time is kept by the server, so you lose none; go by the clock in the exam.
check-clock-unknown = The server's time is not known, since it could not be reached.
check-done-good = Checked. All is well.
check-done-not = Checked. See what to do in the list.
lobby-opens-in = Opens in
lobby-opens-at = It opens at
lobby-reload = Load this page again then.
lobby-stay = Stay on this page: the button to start comes by itself.
lobby-minutes = { $minutes ->
    [one] The exam opens in { $minutes } minute.
   *[other] The exam opens in { $minutes } minutes.
}
lobby-open = The exam is open. You can start.
intro-rule-check = You can check each answer on the way: you see at once whether it is right, and why. It cannot be changed any more then.
intro-how-many = How many questions?
intro-start-note = Your time begins when you choose Start.
intro-start = Start exam
intro-start-practice = Start practice

# The question to try
trial-title = Trial question
trial-not-saved = Nothing is saved here
trial-back = Back to the exam
trial-prompt = Which month comes after April?
trial-option-a = March
trial-option-b = May
trial-option-c = July
trial-option-d = December
trial-sent = This works. In an exam, your answer would be saved now, and the next question would come.
trial-sent-empty = Nothing was chosen. In an exam, the question would stay open, and the next one would come.
trial-notes = Things to try
trial-note-answer = Choose an answer, change it, clear it.
trial-note-flag = Flag the question: in an exam, the flag shows among all questions and before you submit.
trial-note-strike = Strike out what you think is wrong. It changes no answer.
trial-note-keys = Use the keys, or switch them off. What you choose stays so on this device.

## Sitting an exam

take-place = Question { $number } of { $count }
take-question = Question { $number }
take-question-word = Question
take-points = { $points ->
    [one] { $points } point
   *[other] { $points } points
}
take-choose = { $count ->
    [one] Choose one answer
    [2] Choose TWO answers
    [3] Choose THREE answers
    [4] Choose FOUR answers
   *[other] Choose { $count } answers
}
take-choose-one = Choose one answer
take-choose-all = Choose all that apply
take-too-many = You have marked more than { $count }. Such an answer counts as wrong.
take-moved = Now number %n
take-number = Your answer, as a number
take-number-hint = Digits, with a point or a comma before decimals, such as 3.5
take-no-number = This cannot be read as a number, and will count as wrong. Write digits only, with a point or a comma before decimals.
take-full = The field is full. What was typed or pasted beyond it is not part of your answer.
take-text = Your answer
take-match = Choose a match for each
take-select = Choose…
take-order = Put these in order
take-position = Position
take-position-none = –
take-move-up = Move up
take-move-down = Move down
take-order-keep = This order is my answer
take-blank = Blank { $number }
take-previous = Previous
take-next = Save and next
take-next-checked = Next
take-review = Review and submit
take-clear = Clear answer
take-check = Check answer
take-checked-note = Checked. This answer stays as it is.
take-navigator = Questions
take-answered-of = { $answered } of { $count } answered
take-answered = answered
take-answered-partly = answered in part
take-not-answered = not answered
take-legend-answered = Answered
take-legend-partly = Answered in part
take-legend-not-answered = Not answered
take-legend-waiting = Not saved yet
take-legend-refused = Last change not saved
take-legend-current = You are here
take-time-left = Time left
take-clock-still = when this page opened
take-clock-hide = Hide
take-clock-show = Show time
take-minutes-left = { $minutes ->
    [one] { $minutes } minute left
   *[other] { $minutes } minutes left
}
take-time-up = Time is up. Your saved answers are being submitted.
take-not-sent = The server cannot be reached just now, so you stay here. What you answered is kept; try again in a moment.
take-not-sent-busy = The server is very busy just now, so you stay here. What you answered is kept; try again in a moment.
take-check-partly = This answer is not complete, or earns nothing as it is. Change it, or press “Check answer” again to have it checked as it is.
take-check-not-sent = To check an answer takes the network, and the server cannot be reached just now. What you answered is kept; try again in a moment.
take-check-not-sent-busy = The server is very busy just now, so nothing was checked. What you answered is kept; try again in a moment.
take-kept-differs = Answers kept on this device differ from what was answered elsewhere since, in question { $questions }.
take-kept-here = On this device
take-kept-elsewhere = Answered elsewhere
take-kept-use = Use what is kept here
take-kept-drop = Use what was given elsewhere
take-sign-in = You are signed out. Sign in here to go on; nothing that you answered is lost.
take-sign-in-button = Sign in
take-sign-in-wrong = The email address or the password is not right. Check both and try again.
take-sign-in-other = This exam belongs to somebody else. Sign in with the account that began it.
take-sign-in-failed = You could not be signed in just now. Try again in a moment.
take-sign-in-elsewhere = Sign in another way, on a new tab
take-ended = This exam has been submitted. What is changed here now does not count.
take-ended-result = Go to the result
take-over-text = This exam is open on another tab or device, which has taken over.
take-over-button = Continue here
take-gone = The server does not know this attempt. It may have been restored to a time before you began.
take-gone-what = What you answered is on this device only. Leave this page open and tell the invigilator or whoever runs the exam now: if the attempt comes back, your answers are sent by themselves.
take-gone-dashboard = See which attempts the server knows, on a new tab
take-notice-saved = Saved.
take-notice-cleared = Your answer is cleared.
take-notice-late = This came after the end, so it does not count. Your answers up to then are saved.
take-notice-superseded = This exam was continued on another tab or device. What you sent from here was kept, but it does not count.
take-notice-overtaken = You sent a later answer to this question, which is the one that counts. The earlier one was kept, but it does not count.
take-notice-invalid = This was not saved, because it is no answer to this question. Check it and save again.
take-notice-invalid-order = This was not saved: give each place to one item, from 1 on without a gap. The last ones may stay open. Then save again.
take-notice-too-long = This was not saved: an answer has 4,000 characters at most. Shorten it and save again.
take-notice-busy = Not saved yet: the server is very busy. Choose “Save and next” again.
take-notice-full = Not saved: this attempt has been changed more often than it can keep. Everything saved before counts: hand it in.
take-notice-continued = Welcome back. Everything you saved is here.
take-waiting = not saved yet
take-waiting-count = Changed here, and not saved yet: { $count }
take-partly-count = Answered in part: { $count }
take-flawed = loses points as it is
take-flawed-count = Lose points as they are: { $count }
take-refused = last change not saved
take-refused-count = Last change not saved, as it does not fit the question: { $count }
take-notice-checked = This question was checked before, so its answer stays as it was. What you sent was kept, but it does not count.
take-notice-unanswered = Answer the question first, then check it.
save-by-button = Saved when you move on
save-empty = Not answered yet
save-saved = Saved
save-saving = Saving
save-asked = Two answers: choose one below
save-checked = Checked
save-cleared = Cleared
save-waiting = Not saved yet. Trying again.
save-kept = Offline: %n answers kept on this device
save-kept-one = Offline: 1 answer kept on this device
save-busy = The server is busy: %n answers kept on this device, trying again
save-busy-one = The server is busy: 1 answer kept on this device, trying again
save-unkept = Not saved yet: %n answers. Keep this page open, we keep trying.
save-unkept-one = Not saved yet. Keep this page open, we keep trying.
save-late = Not saved: time was up
save-closed = Not saved: this exam has ended
save-superseded = Not saved: continued elsewhere
save-elsewhere = Saved here, and continued elsewhere
save-signed-out = Not saved: you are signed out
save-gone = Not on the server: it does not know this attempt
save-refused = Not saved. Reload this page.
save-full = Not saved: too many changes. Hand in; what was saved counts.
save-invalid = Not saved: this does not fit the question
review-title = Check before you submit
review-place = Review
review-not-submitted = Nothing has been submitted yet.
review-open = { $count ->
    [one] { $count } question has no answer yet. You can still go back to it.
   *[other] { $count } questions have no answer yet. You can still go back to them.
}
review-partly = { $count ->
    [one] { $count } question is answered in part: something is left open in it, or too few options are chosen.
   *[other] { $count } questions are answered in part: something is left open in them, or too few options are chosen.
}
review-flawed = { $count ->
    [one] { $count } answer loses points as it is: more is chosen in it than was asked for, or a number cannot be read. You can still change it.
   *[other] { $count } answers lose points as they are: more is chosen in them than was asked for, or a number cannot be read. You can still change them.
}
review-kept-short = Kept on this device, and not sent: does not count
review-flawed-short = Loses points as it is
flaw-too-many = Too many chosen
flaw-no-number = Not a number
flaw-blank-no-number = A blank is not a number
flaw-too-many-reason = More was chosen than was asked for; such an answer counts as wrong.
flaw-no-number-reason = What was typed cannot be read as a number, and counts as wrong.
flaw-blank-no-number-reason = What was typed into a blank cannot be read as a number; that blank counts as wrong.
submit-dialog-heading = Submit as it is?
submit-dialog-back = Back to the review
submit-dialog-submit = Submit anyway
time-up-title = Time is up
time-up-text = Everything you saved in time counts. Hand it in to see your result; if you do nothing, it is handed in for you.
time-up-button = Hand in
review-not-sent = This device keeps answers that have not reached the server, and they would not count.
review-refused = Your last change does not fit the question and was not saved, in question { $questions }. Go back to it to change it; what was saved before counts.
review-send = Go back and send them
review-submit-heading = Ready?
review-submit-text = After you submit, you cannot change your answers.
review-submit = Submit exam
review-back = Go back to the questions

# Marks: what candidates note for themselves. They stay on the device, and only scripts show them. %l and %t are put in by them.
marks-flag = Flag
marks-flag-more = for later
marks-flagged = Flagged
marks-flagged-word = flagged
marks-now-flagged = Flagged for later
marks-not-flagged = No longer flagged
marks-strikes = Strike out
marks-strikes-more = options, buttons for it
marks-strike = Strike out option { $letter }
marks-struck-word = struck out
marks-now-struck = Option { $letter } is struck out
marks-not-struck = Option { $letter } is no longer struck out
marks-chosen = Option { $letter } is your answer. Choose another one first, then strike it out.
marks-which = Press the letter of the option to strike out
marks-left = Time left: { $time }
marks-untimed = There is no time limit.
filter-all = All
marks-filter = Which questions to show
marks-filter-none = None of the questions.
marks-here = Flags and struck options stay on this device.
marks-sheet-close = Close
keys-heading = Keyboard shortcuts
keys-next = Save and next question
keys-previous = Previous question
keys-flag = Flag this question, or take the flag off
keys-letters = A–L
keys-digits = 1–9
keys-choose = Choose an option
keys-strike = Then a letter: strike out that option, or take it back
keys-clock = Hear the time left
keys-help = Show this list
keys-on = Use these keys
keys-on-hint = They do nothing while you type in a field.
keys-close = Close

## Results

result-title = Result
result-score = Score
result-passed = Passed
result-not-passed = Not passed
result-bar-label = { $percent }
result-bar-label-pass = { $percent }, pass mark { $pass }
result-pass-line = pass mark { $percent }
result-confirmed = Submitted. We have { $answered } of { $count } answers.
result-receipt-keep = Your receipt, to note down:
result-was-undecided = Different answers were given here and elsewhere, and the exam ended before one of them was chosen. The one that the server had at the end counts.
result-came-too-late = The exam had ended when this device sent its last answers, so those do not count. What was saved before does.
result-expired = Time ran out. What you had saved was submitted.
result-handed-in = Your answers are in.
result-marks-from = You can see your marks here from
result-marks-never = Marks are not shown here. The people who run the exam will tell you.
result-marks-soon = Your marks are being worked out. Reload this page in a moment.
result-answered = Answered
result-taken = Time taken
result-submitted = Submitted
result-ended = Ended
result-receipt = Receipt
result-receipt-details = About your receipt
result-receipt-text = The receipt is a fingerprint of the answers we hold, and its short form is the beginning of it. Keep it: if anybody asks what you submitted, it settles the matter.
result-domains = By domain
result-retake = Take it again
result-practise-again = Practise again
result-all = All my results
result-review-from = You can see the right answers and explanations here from
result-review-never = The right answers and explanations are not shown for this exam.
result-keys-from = You can see the right answers here from
result-keys-never = The right answers are not shown for this exam.
result-explanations-from = You can see the explanations here from
result-explanations-never = Explanations are not shown for this exam.
result-questions = Questions
result-filter = Which questions to show
result-filter-all = All { $count }
result-filter-missed = Missed { $count }
result-none-missed = You missed none. Well done.
verdict-right = Right
verdict-partly = Partly right
verdict-wrong = Wrong
verdict-unanswered = Not answered
verdict-unknown = Answered
verdict-word-right = right
verdict-word-partly = partly right
verdict-word-wrong = wrong
bookmark-add = Bookmark
bookmark-remove = Remove bookmark
drills-title = Practise only
drills-missed = What you missed ({ $count })
drills-bookmarked = What you bookmarked ({ $count })
review-your-answer = Your answer
review-your-answer-right = Your answer, right
review-your-answer-wrong = Your answer, wrong
review-given-answer = Given
review-given-answer-right = Given, right
review-given-answer-wrong = Given, wrong
review-right-answer = Right answer
review-none = No answer
review-or = or
review-explanation = Why
history-title = My results
history-empty = You have not taken an exam yet.
find-exam = Find an exam
dashboard-title = Dashboard
dashboard-heading = Hello, { $name }
dashboard-open = In progress
dashboard-ends = ends
dashboard-continue-label = Continue { $exam }
dashboard-empty = Take an exam or a practice, and your progress appears here.
dashboard-suggestions = Start with one of these
dashboard-average = Average
dashboard-best = Best
dashboard-finished = Finished
dashboard-questions = Questions answered
dashboard-trend-title = Your scores
dashboard-trend-description = { $count ->
    [one] Your last attempt.
   *[other] Your last { $count } attempts, oldest first.
}
dashboard-domains = By domain
dashboard-weakest = Worth practising:
dashboard-recent = Recent

## Errors

error-try-again = Try again
error-home = Go to the start page
error-unsent = Your answer is not saved yet, but it is still on this page.
error-send-again = Send the answer again
error-sign-in-beside = Sign in on a new tab
error-code = If you ask for help, give this code:
error-bad-request-title = That did not work
error-bad-request-advice = We could not understand what was sent. Go back, check what you entered and send it again.
error-signed-out-title = You are signed out
error-signed-out-advice = Your session has ended. Sign in on a new tab, come back to this one, and send your answer again.
error-forbidden-title = This page is not for your account
error-forbidden-advice = If you should see it, ask an admin to change your role.
error-by-access-code-title = Your password cannot be changed here
error-by-access-code-advice = You are signed in with an access code, which needs no password. To change the password of your account, sign in with it first.
error-cross-site-title = That came from another site
error-cross-site-advice = Nothing was changed. Open the page here and send the form again.
error-sign-up-closed-title = Accounts are made for you here
error-sign-up-closed-advice = Ask the people who run your exam for an account or an access code, then sign in.
error-not-found-title = Page not found
error-not-found-advice = Check the address. If you followed a link, the page may have moved.
error-method-title = This address does not open as a page
error-method-advice = Go to the start page and find your way from there.
error-timeout-title = That took too long
error-timeout-advice = Your saved answers are safe. Check your connection and try again.
error-attempt-closed-title = This attempt has ended
error-attempt-closed-advice = Your answers up to the end were saved. You find the result under My results.
error-attempt-full-title = This attempt takes no more changes
error-attempt-full-advice = It has been changed many thousand times. Everything that was saved counts: hand it in.
error-too-large-title = That is too large
error-too-large-advice = Send a smaller file or a shorter text.
error-too-many-title = Too many tries
error-too-many-advice = { $seconds ->
    [one] Wait { $seconds } second, then try again.
   *[other] Wait { $seconds } seconds, then try again.
}
error-internal-title = Something went wrong on our side
error-internal-advice = Your saved answers are safe. Try again in a moment.
error-busy-title = The server is very busy right now
error-busy-advice = { $seconds ->
    [one] Your saved answers are safe. Try again in { $seconds } second.
   *[other] Your saved answers are safe. Try again in { $seconds } seconds.
}

## Waiting room

waiting-title = You are in the queue
waiting-lead = More people are coming in right now than fit through the door at once. You keep your place, and this page goes on by itself when it is your turn.
waiting-ahead = People before you
waiting-time = About
waiting-moment = a few seconds
waiting-seconds = { $seconds } seconds
waiting-minutes = { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}
waiting-stay = Leave this page open. Loading it again neither helps nor harms.
waiting-form = What you had just sent was not taken yet: send it again when you are in.
waiting-running = Whoever is sitting an exam already is not held up. Your own time starts only when your exam does.

## The demo's entrance

demo-title = Try the demo
demo-lead = Choose who you want to be. Everything is invented, and nothing you do here leaves this server.
demo-enter = Enter as { $name }
demo-hint-candidate = Sit an exam or a practice, and see results and progress.
demo-hint-author = Look through banks, import questions, make and publish exams.
demo-hint-invigilator = Watch attempts and look into what was answered and when.
demo-hint-admin = Everything, and the accounts.
