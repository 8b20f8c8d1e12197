### Die Texte der Seiten für alle auf Deutsch. Dieselben Namen in derselben Reihenfolge wie in en.ftl.
###
### Ton: sagen, was geschehen ist, was erhalten ist, was zu tun ist; je ein kurzer Satz; „Sie“, keine Vorwürfe, keine Kürzel,
### kein „bitte“. Paarformen sind vermieden, wo eine Umschreibung ebenso kurz ist.

## Everywhere

product = Examhall
skip-to-content = Zum Inhalt springen
nav-main = Hauptmenü
nav-dashboard = Übersicht
nav-exams = Prüfungen
nav-results = Meine Ergebnisse
nav-staff = Verwaltung
nav-sign-in = Anmelden
nav-sign-up = Registrieren
nav-sign-out = Abmelden
nav-account = Konto
sign-out-unsent = Auf diesem Gerät liegen Antworten, die den Server noch nicht erreicht haben. Beim Abmelden werden sie endgültig entfernt.
sign-out-anyway = Abmelden und sie entfernen
nav-language = Sprache
footer-promise = Eine Antwort mit dem Vermerk „Gespeichert“ ist gespeichert.
demo-note = Dies ist eine Vorführung. Alles hier kann zurückgesetzt werden.
no-value = –
no-limit = Unbegrenzt
untimed = Ohne Zeitlimit
number = { $value }
percent = { $value } %
n-of = { $n } von { $of }
list-comma = ,
up-to = Bis zu { $count }
questions = { $count ->
    [one] { $count } Frage
   *[other] { $count } Fragen
}
questions-up-to = Bis zu { $count ->
    [one] { $count } Frage
   *[other] { $count } Fragen
}
attempts = { $count ->
    [one] { $count } Versuch
   *[other] { $count } Versuche
}
pass-at = Bestanden ab { $percent }
points-of = { $points } von { $max }
points-of-long = { $points } von { $max } Punkten
paging = Seiten
paging-first = Zurück zu den neuesten
paging-older = Ältere
paging-next = Nächste Seite
chart-table = Zahlen zeigen
chart-empty = Noch keine Daten.

# Der Server schreibt Zeiten in UTC; der Browser dann in Ortszeit.
moment = { $day }. { $month ->
    [1] Jan.
    [2] Feb.
    [3] März
    [4] Apr.
    [5] Mai
    [6] Juni
    [7] Juli
    [8] Aug.
    [9] Sept.
    [10] Okt.
    [11] Nov.
   *[12] Dez.
} { $year }, { $time } UTC
duration-seconds = { $seconds } s
duration-minutes = { $minutes } min
duration-minutes-seconds = { $minutes } min { $seconds } s
duration-hours = { $hours } h
duration-hours-minutes = { $hours } h { $minutes } min

mode-exam = Prüfung
mode-practice = Übung
state-open = Läuft
state-submitted = Abgegeben
state-expired = Zeit abgelaufen
role-candidate = Prüfling
role-author = Autor
role-invigilator = Aufsicht
role-admin = Admin

column-attempt = Versuch
column-domain = Themengebiet
column-score = Ergebnis
column-share = Anteil

## Forms

form-problem = Es gibt ein Problem
form-title-error = Fehler:
field-name = Name
field-name-hint = So, wie er auf Ergebnissen stehen soll.
field-email = E-Mail-Adresse
field-password = Passwort
field-password-hint = Mindestens { $least } Zeichen. Einige Wörter sind leichter zu merken und schwerer zu erraten.
field-current-password = Aktuelles Passwort
field-new-password = Neues Passwort
problem-email-missing = Geben Sie Ihre E-Mail-Adresse ein
problem-email-invalid = Geben Sie eine E-Mail-Adresse der Form name@example.org ein
problem-email-taken = Verwenden Sie eine andere E-Mail-Adresse. Zu dieser gibt es schon ein Konto
problem-name-unseen = Geben Sie den Namen ohne unsichtbare Zeichen ein
problem-name-missing = Geben Sie einen Namen ein
problem-name-too-long = Kürzen Sie den Namen auf { $most } Zeichen
problem-password-missing = Geben Sie Ihr Passwort ein
problem-current-password-missing = Geben Sie Ihr aktuelles Passwort ein
problem-new-password-missing = Geben Sie ein neues Passwort ein
problem-password-too-short = Verwenden Sie für das Passwort mindestens { $least } Zeichen
problem-password-too-long = Verwenden Sie für das Passwort höchstens { $most } Zeichen
problem-password-easy = Wählen Sie ein Passwort, das schwerer zu erraten ist, etwa mehrere Wörter
problem-password-unchanged = Wählen Sie ein anderes Passwort als das aktuelle
problem-wrong-credentials = Prüfen Sie E-Mail-Adresse und Passwort. Sie gehören nicht zusammen
problem-wrong-password = Prüfen Sie Ihr aktuelles Passwort. Es stimmt nicht
problem-wrong-access-code = Prüfen Sie den Zugangscode. Er stimmt nicht oder gilt nicht mehr. Das Prüfungsamt kann Ihnen einen neuen geben
problem-account-disabled = Dieses Konto ist abgeschaltet. Fragen Sie die Stelle, die Ihre Prüfung durchführt
problem-too-many-tries = { $seconds ->
    [one] Warten Sie { $seconds } Sekunde und versuchen Sie es dann noch einmal
   *[other] Warten Sie { $seconds } Sekunden und versuchen Sie es dann noch einmal
}
problem-many-sign-ins = { $seconds ->
    [one] Versuchen Sie es in { $seconds } Sekunde noch einmal.
   *[other] Versuchen Sie es in { $seconds } Sekunden noch einmal.
} Gerade melden sich viele an; vor Ihnen sind es { $ahead }
problem-set-up-link-spent = Dieser Link ist verbraucht oder zu alt. „examhall setup-link“ gibt einen neuen aus
problem-question-count-not-offered = Wählen Sie eine der angebotenen Anzahlen
problem-no-attempts-left = Sie haben alle Versuche bei dieser Prüfung aufgebraucht
problem-nothing-missed = Es gibt nichts zu wiederholen: Zuletzt war jede Frage richtig
problem-nothing-bookmarked = Es gibt nichts zu üben: Sie haben sich keine Frage dieser Übung gemerkt
problem-not-open = Diese Prüfung ist zurzeit nicht geöffnet

## Front page

home-title = Online-Prüfungen und Übungen
home-heading = Der Prüfungssaal, in dem alle Platz haben
home-lead = Legen Sie Prüfungen auf Zeit ab und üben Sie dafür, sehen Sie, was richtig war und warum, und verfolgen Sie, wie Sie besser werden.
home-sign-up = Konto anlegen
home-sign-in = Anmelden
home-promise-saved = Nichts geht verloren.
home-promise-saved-text = „Gespeichert“ heißt gespeichert. Ohne Verbindung sagt es die offene Seite und versucht es weiter.
home-promise-start = Niemand wartet beim Gong.
home-promise-start-text = Eine ganze Halle kann im selben Augenblick anfangen.
home-promise-clock = Die Uhr ist gerecht.
home-promise-clock-text = Für alle gilt dieselbe Uhr, die des Servers.
home-exams = Prüfungen
home-all-exams = Alle Prüfungen

## Accounts

sign-up-title = Konto anlegen
sign-up-button = Konto anlegen
sign-up-have-account = Haben Sie schon ein Konto?
sign-in-title = Anmelden
sign-in-button = Anmelden
sign-in-no-account = Neu hier?
sign-in-by-code = Ich habe einen Zugangscode
sign-in-by-code-button = Mit dem Code anmelden
field-access-code = Zugangscode
field-access-code-hint = Er hat 12 Buchstaben und Ziffern, etwa 7K3M-Q9TX-2WHD. Großschreibung und Striche sind gleichgültig.
sign-in-signed-out = Sie sind abgemeldet.
sign-in-required = Melden Sie sich an, um fortzufahren. Sie kommen dorthin zurück, wo Sie waren.
sign-in-is-set-up = Es gibt schon einen Admin, deshalb gilt dieser Link nicht mehr. Melden Sie sich an.
sign-in-new-password = Ihr neues Passwort ist gesetzt. Melden Sie sich damit an.
sign-in-forgotten = Passwort vergessen? Das Prüfungsamt kann Ihnen einen Link geben, mit dem Sie ein neues setzen.
set-up-title = Examhall einrichten
set-up-lead = Hier entsteht das erste Admin-Konto. Der Link gilt einmal.
set-up-button = Admin-Konto anlegen
password-title = Passwort ändern
password-lead = Hier bleiben Sie angemeldet, überall sonst werden Sie abgemeldet.
password-button = Passwort ändern
password-changed = Ihr Passwort ist geändert. Überall sonst sind Sie abgemeldet.
new-password-title = Neues Passwort setzen
new-password-lead = Es ist für das Konto { $email }. Wer dort angemeldet ist, wird abgemeldet.
new-password-button = Passwort setzen
new-password-spent-title = Dieser Link gilt nicht mehr
new-password-spent-advice = Er ist verbraucht, älter als ein Tag oder durch einen neueren ersetzt. Das Prüfungsamt kann Ihnen einen neuen geben.

## Exams

catalogue-title = Prüfungen
catalogue-empty = Noch keine Prüfungen.
exam-create = Prüfung anlegen
exam-in-progress = Läuft
intro-back = Alle Prüfungen
fact-questions = Fragen
fact-time = Bearbeitungszeit
fact-time-now = Zeit bei Beginn jetzt
fact-pass = Bestehensgrenze
fact-attempts-left = Verbleibende Versuche
fact-opens = Öffnet
fact-closes = Schließt
attempts-left-of = { $left } von { $allowed }
intro-rules = Bevor Sie beginnen
intro-rule-clock = Die Uhr läuft mit Ihrem Beginn los und hält nicht an.
intro-rule-time-out = Wenn die Zeit abläuft, wird für Sie abgegeben, was Sie gespeichert haben.
intro-rule-untimed = Es gibt kein Zeitlimit. Sie können gehen und wiederkommen.
intro-rule-closes = Wenn die Prüfung schließt, wird für Sie abgegeben, was Sie gespeichert haben, auch wenn Sie noch Zeit hätten.
intro-rule-saved = Jede Antwort wird sofort gespeichert. Reißt die Verbindung ab, machen Sie weiter: Die Antworten bleiben auf diesem Gerät und werden gesendet, sobald sie wieder da ist. Müssen Sie zwischendurch weg, kommen Sie auf demselben Gerät zurück.
intro-rule-penalty = Eine falsche Antwort kostet Punkte, eine leere nicht.
intro-rule-no-penalty = Eine falsche Antwort kostet nichts; beantworten Sie also jede Frage.
intro-release-everything = Sie sehen Punkte, richtige Antworten und Begründungen, sobald Sie abgegeben haben.
intro-release-marks = Sie sehen Ihre Punkte, sobald Sie abgegeben haben.
intro-release-after-close = Sie sehen Ihre Punkte, wenn die Prüfung geschlossen ist.
intro-release-nothing = Ergebnisse werden hier nicht gezeigt. Sie erfahren sie von der Stelle, die die Prüfung durchführt.
intro-sign-in = Melden Sie sich an, um teilzunehmen.
intro-sign-in-button = Anmelden und beginnen
intro-open-attempt = Sie haben hiermit schon begonnen.
intro-continue = Fortsetzen
intro-blocked-not-open = Diese Prüfung ist noch nicht geöffnet.
intro-blocked-closed = Diese Prüfung ist geschlossen.
intro-blocked-no-attempts = Sie haben alle Versuche bei dieser Prüfung aufgebraucht.
ready-heading = Machen Sie sich bereit
ready-trial-text = Sehen Sie, wie das Antworten geht, an einer erfundenen Frage, von der nichts aufbewahrt wird:
ready-trial = eine Frage ausprobieren
check-start = Dieses Gerät prüfen
check-again = Noch einmal prüfen
check-running = Wird geprüft…
check-connection = Verbindung
check-connection-good = Gut: Der Server antwortet binnen { $time }.
check-connection-fair = Langsam: Der Server braucht { $time } für eine Antwort. Sie können die Prüfung ablegen; „Gespeichert“ kommt vielleicht einen Moment später.
check-connection-poor = Unsicher: { $failed } von { $of } Anfragen blieben ohne Antwort. Gehen Sie näher an das Netz heran oder verwenden Sie ein anderes.
check-connection-bad = Der Server war nicht zu erreichen. Prüfen Sie das Netz und dann noch einmal das Gerät.
check-storage = Speicher
check-storage-good = Dieser Browser kann aufbewahren, was eine Prüfung auf ihm vermerkt.
check-storage-fair = Dieser Browser bewahrt nur manches auf. Sie können die Prüfung ablegen; Markierungen oder noch nicht Gesendetes können beim Schließen der Seite verloren gehen.
check-storage-bad = Dieser Browser bewahrt für diese Website nichts auf. Sie können die Prüfung ablegen; Markierungen und noch nicht Gesendetes gehen beim Schließen der Seite verloren. Verlassen Sie den privaten Modus oder erlauben Sie dieser Website, Daten zu speichern.
check-clock = Uhr
check-clock-good = Die Uhr dieses Geräts geht richtig.
check-clock-fast = Die Uhr dieses Geräts geht { $time } vor. Ihre Zeit misst der Server, Sie verlieren also keine; richten Sie sich nach der Uhr in der Prüfung.
check-clock-slow = Die Uhr dieses Geräts geht { $time } nach. Ihre Zeit misst der Server, Sie verlieren also keine; richten Sie sich nach der Uhr in der Prüfung.
check-clock-unknown = Die Zeit des Servers ist nicht bekannt, da er nicht zu erreichen war.
check-done-good = Geprüft. Alles in Ordnung.
check-done-not = Geprüft. Was zu tun ist, steht in der Liste.
lobby-opens-in = Öffnet in
lobby-opens-at = Sie öffnet
lobby-reload = Laden Sie diese Seite dann neu.
lobby-stay = Bleiben Sie auf dieser Seite: Die Schaltfläche zum Beginnen erscheint von selbst.
lobby-minutes = { $minutes ->
    [one] Die Prüfung öffnet in { $minutes } Minute.
   *[other] Die Prüfung öffnet in { $minutes } Minuten.
}
lobby-open = Die Prüfung ist geöffnet. Sie können beginnen.
intro-rule-check = Sie können jede Antwort unterwegs prüfen: Sie sehen sofort, ob sie richtig ist und warum. Danach lässt sie sich nicht mehr ändern.
intro-how-many = Wie viele Fragen?
intro-start-note = Ihre Zeit läuft, sobald Sie beginnen.
intro-start = Prüfung beginnen
intro-start-practice = Übung beginnen

# The question to try
trial-title = Probefrage
trial-not-saved = Hier wird nichts gespeichert
trial-back = Zurück zur Prüfung
trial-prompt = Welcher Monat kommt nach dem April?
trial-option-a = März
trial-option-b = Mai
trial-option-c = Juli
trial-option-d = Dezember
trial-sent = Das klappt. In einer Prüfung wäre Ihre Antwort jetzt gespeichert, und die nächste Frage käme.
trial-sent-empty = Nichts war gewählt. In einer Prüfung bliebe die Frage offen, und die nächste käme.
trial-notes = Zum Ausprobieren
trial-note-answer = Wählen Sie eine Antwort, ändern Sie sie, löschen Sie sie.
trial-note-flag = Markieren Sie die Frage: In einer Prüfung erscheint die Markierung bei allen Fragen und vor der Abgabe.
trial-note-strike = Streichen Sie, was Sie für falsch halten. Das ändert keine Antwort.
trial-note-keys = Verwenden Sie die Tasten, oder schalten Sie sie ab. Ihre Wahl bleibt auf diesem Gerät.

## Sitting an exam

take-place = Frage { $number } von { $count }
take-question = Frage { $number }
take-question-word = Frage
take-points = { $points ->
    [one] { $points } Punkt
   *[other] { $points } Punkte
}
take-choose = { $count ->
    [one] Wählen Sie eine Antwort
    [2] Wählen Sie ZWEI Antworten
    [3] Wählen Sie DREI Antworten
    [4] Wählen Sie VIER Antworten
   *[other] Wählen Sie { $count } Antworten
}
take-choose-one = Wählen Sie eine Antwort
take-choose-all = Wählen Sie alles Zutreffende
take-too-many = Sie haben mehr als { $count } markiert. Eine solche Antwort zählt als falsch.
take-moved = Jetzt an Stelle %n
take-number = Ihre Antwort als Zahl
take-number-hint = Ziffern, mit Punkt oder Komma vor den Nachkommastellen, etwa 3,5
take-no-number = Das lässt sich nicht als Zahl lesen und zählt als falsch. Schreiben Sie nur Ziffern, mit Punkt oder Komma vor den Nachkommastellen.
take-full = Das Feld ist voll. Was darüber hinaus getippt oder eingefügt wurde, gehört nicht zur Antwort.
take-text = Ihre Antwort
take-match = Ordnen Sie jedem etwas zu
take-select = Auswählen…
take-order = Bringen Sie dies in die richtige Reihenfolge
take-position = Stelle
take-position-none = –
take-move-up = Nach oben
take-move-down = Nach unten
take-order-keep = Diese Reihenfolge ist meine Antwort
take-blank = Lücke { $number }
take-previous = Zurück
take-next = Speichern und weiter
take-next-checked = Weiter
take-review = Prüfen und abgeben
take-clear = Antwort löschen
take-check = Antwort prüfen
take-checked-note = Geprüft. Diese Antwort bleibt, wie sie ist.
take-navigator = Fragen
take-answered-of = { $answered } von { $count } beantwortet
take-answered = beantwortet
take-answered-partly = teilweise beantwortet
take-not-answered = nicht beantwortet
take-legend-answered = Beantwortet
take-legend-partly = Teilweise beantwortet
take-legend-not-answered = Nicht beantwortet
take-legend-waiting = Noch nicht gespeichert
take-legend-refused = Letzte Änderung nicht gespeichert
take-legend-current = Hier sind Sie
take-time-left = Restzeit
take-clock-still = beim Öffnen dieser Seite
take-clock-hide = Verbergen
take-clock-show = Zeit zeigen
take-minutes-left = { $minutes ->
    [one] Noch { $minutes } Minute
   *[other] Noch { $minutes } Minuten
}
take-time-up = Die Zeit ist um. Ihre gespeicherten Antworten werden abgegeben.
take-not-sent = Der Server ist gerade nicht zu erreichen, deshalb bleiben Sie hier. Ihre Antworten sind aufbewahrt; versuchen Sie es gleich noch einmal.
take-not-sent-busy = Der Server ist gerade stark ausgelastet, darum bleiben Sie hier. Ihre Antworten sind sicher aufbewahrt; versuchen Sie es gleich noch einmal.
take-check-partly = Diese Antwort ist nicht vollständig oder bringt so keine Punkte. Ändern Sie sie, oder drücken Sie noch einmal auf „Antwort prüfen“, um sie so prüfen zu lassen.
take-check-not-sent = Zum Prüfen wird das Netz gebraucht, und der Server ist gerade nicht erreichbar. Ihre Antworten sind sicher aufbewahrt; versuchen Sie es gleich noch einmal.
take-check-not-sent-busy = Der Server ist gerade stark ausgelastet, darum wurde nichts geprüft. Ihre Antworten sind sicher aufbewahrt; versuchen Sie es gleich noch einmal.
take-kept-differs = Antworten, die auf diesem Gerät liegen, weichen von dem ab, was seither anderswo geantwortet wurde, in Frage { $questions }.
take-kept-here = Auf diesem Gerät
take-kept-elsewhere = Anderswo geantwortet
take-kept-use = Verwenden, was hier aufbewahrt ist
take-kept-drop = Verwenden, was anderswo geantwortet wurde
take-sign-in = Sie sind abgemeldet. Melden Sie sich hier an, um fortzufahren; nichts, was Sie geantwortet haben, ist verloren.
take-sign-in-button = Anmelden
take-sign-in-wrong = E-Mail-Adresse oder Passwort stimmt nicht. Prüfen Sie beides und versuchen Sie es noch einmal.
take-sign-in-other = Diese Prüfung gehört jemand anderem. Melden Sie sich mit dem Konto an, das sie begonnen hat.
take-sign-in-failed = Die Anmeldung ging gerade nicht. Versuchen Sie es gleich noch einmal.
take-sign-in-elsewhere = Auf andere Weise anmelden, in einem neuen Tab
take-ended = Diese Prüfung ist abgegeben. Was jetzt hier geändert wird, zählt nicht.
take-ended-result = Zum Ergebnis
take-over-text = Diese Prüfung ist in einem anderen Tab oder auf einem anderen Gerät geöffnet und wird dort fortgesetzt.
take-over-button = Hier fortsetzen
take-gone = Der Server kennt diesen Versuch nicht. Vielleicht wurde der Server auf einen Stand zurückgesetzt, zu dem Sie noch nicht begonnen hatten.
take-gone-what = Ihre Antworten liegen nur auf diesem Gerät. Lassen Sie diese Seite offen und sagen Sie jetzt der Aufsicht oder dem Prüfungsamt Bescheid: Ist der Versuch wieder da, werden Ihre Antworten von selbst gesendet.
take-gone-dashboard = Nachsehen, welche Versuche der Server kennt, in einem neuen Tab
take-notice-saved = Gespeichert.
take-notice-cleared = Ihre Antwort ist gelöscht.
take-notice-late = Das kam nach dem Ende und zählt deshalb nicht. Ihre Antworten bis dahin sind gespeichert.
take-notice-superseded = Diese Prüfung wurde in einem anderen Tab oder auf einem anderen Gerät fortgesetzt. Was Sie von hier gesendet haben, ist aufbewahrt, zählt aber nicht.
take-notice-overtaken = Sie haben auf diese Frage später noch einmal geantwortet; das zählt. Die frühere Antwort ist aufbewahrt, zählt aber nicht.
take-notice-invalid = Das wurde nicht gespeichert, denn es ist keine Antwort auf diese Frage. Sehen Sie nach und speichern Sie noch einmal.
take-notice-invalid-order = Das wurde nicht gespeichert: Geben Sie jede Stelle nur einmal, ab 1 und ohne Lücke. Die letzten dürfen offen bleiben. Speichern Sie dann noch einmal.
take-notice-too-long = Das wurde nicht gespeichert: Eine Antwort hat höchstens 4.000 Zeichen. Kürzen Sie sie und speichern Sie noch einmal.
take-notice-busy = Noch nicht gespeichert: Der Server ist stark ausgelastet. Wählen Sie noch einmal „Speichern und weiter“.
take-notice-full = Nicht gespeichert: Dieser Versuch wurde öfter geändert, als er aufnehmen kann. Alles, was vorher gespeichert war, zählt: Geben Sie ab.
take-notice-continued = Willkommen zurück. Alles, was Sie gespeichert haben, ist da.
take-waiting = noch nicht gespeichert
take-waiting-count = Hier geändert und noch nicht gespeichert: { $count }
take-partly-count = Teilweise beantwortet: { $count }
take-flawed = verliert so Punkte
take-flawed-count = Verlieren so Punkte: { $count }
take-refused = letzte Änderung nicht gespeichert
take-refused-count = Letzte Änderung passt nicht zur Frage und ist nicht gespeichert: { $count }
take-notice-checked = Diese Frage ist schon geprüft, ihre Antwort bleibt, wie sie war. Was Sie gesendet haben, wird aufbewahrt, zählt aber nicht.
take-notice-unanswered = Beantworten Sie erst die Frage, dann prüfen Sie die Antwort.
save-by-button = Wird beim Weitergehen gespeichert
save-empty = Noch nicht beantwortet
save-saved = Gespeichert
save-saving = Wird gespeichert
save-asked = Zwei Antworten: unten eine wählen
save-checked = Geprüft
save-cleared = Gelöscht
save-waiting = Noch nicht gespeichert. Neuer Versuch läuft.
save-kept = Offline: %n Antworten liegen auf diesem Gerät
save-kept-one = Offline: 1 Antwort liegt auf diesem Gerät
save-busy = Der Server ist ausgelastet: %n Antworten liegen auf diesem Gerät, neuer Versuch folgt
save-busy-one = Der Server ist ausgelastet: 1 Antwort liegt auf diesem Gerät, neuer Versuch folgt
save-unkept = Noch nicht gespeichert: %n Antworten. Lassen Sie diese Seite offen; wir versuchen es weiter.
save-unkept-one = Noch nicht gespeichert. Lassen Sie diese Seite offen; wir versuchen es weiter.
save-late = Nicht gespeichert: Die Zeit war um
save-closed = Nicht gespeichert: Diese Prüfung ist beendet
save-superseded = Nicht gespeichert: anderswo fortgesetzt
save-elsewhere = Hier gespeichert und anderswo fortgesetzt
save-signed-out = Nicht gespeichert: Sie sind abgemeldet
save-gone = Nicht auf dem Server: er kennt diesen Versuch nicht
save-refused = Nicht gespeichert. Laden Sie diese Seite neu.
save-full = Nicht gespeichert: zu viele Änderungen. Geben Sie ab; was gespeichert war, zählt.
save-invalid = Nicht gespeichert: Das passt nicht zur Frage
review-title = Sehen Sie vor der Abgabe nach
review-place = Durchsicht
review-not-submitted = Es ist noch nichts abgegeben.
review-open = { $count ->
    [one] { $count } Frage hat noch keine Antwort. Sie können noch zu ihr zurück.
   *[other] { $count } Fragen haben noch keine Antwort. Sie können noch zu ihnen zurück.
}
review-partly = { $count ->
    [one] { $count } Frage ist teilweise beantwortet: Etwas darin ist offen, oder es sind zu wenige Antworten gewählt.
   *[other] { $count } Fragen sind teilweise beantwortet: Etwas darin ist offen, oder es sind zu wenige Antworten gewählt.
}
review-flawed = { $count ->
    [one] { $count } Antwort verliert so Punkte: Es ist mehr gewählt als gefragt, oder eine Zahl lässt sich nicht lesen. Sie können sie noch ändern.
   *[other] { $count } Antworten verlieren so Punkte: Es ist mehr gewählt als gefragt, oder eine Zahl lässt sich nicht lesen. Sie können sie noch ändern.
}
review-kept-short = Auf diesem Gerät aufbewahrt und nicht gesendet: zählt nicht
review-flawed-short = Verliert so Punkte
flaw-too-many = Zu viele gewählt
flaw-no-number = Keine Zahl
flaw-blank-no-number = In einer Lücke steht keine Zahl
flaw-too-many-reason = Es war mehr gewählt als gefragt; eine solche Antwort zählt als falsch.
flaw-no-number-reason = Das Getippte lässt sich nicht als Zahl lesen und zählt als falsch.
flaw-blank-no-number-reason = Was in einer Lücke steht, lässt sich nicht als Zahl lesen; diese Lücke zählt als falsch.
submit-dialog-heading = So abgeben?
submit-dialog-back = Zurück zur Durchsicht
submit-dialog-submit = Trotzdem abgeben
time-up-title = Die Zeit ist um
time-up-text = Alles, was Sie rechtzeitig gespeichert haben, zählt. Geben Sie ab, um Ihr Ergebnis zu sehen; tun Sie nichts, wird für Sie abgegeben.
time-up-button = Abgeben
review-not-sent = Auf diesem Gerät liegen Antworten, die den Server nicht erreicht haben; sie würden nicht zählen.
review-refused = Ihre letzte Änderung passt nicht zur Frage und ist nicht gespeichert, in Frage { $questions }. Gehen Sie zurück, um sie zu ändern; was vorher gespeichert war, zählt.
review-send = Zurück, um sie zu senden
review-submit-heading = Fertig?
review-submit-text = Nach der Abgabe können Sie Ihre Antworten nicht mehr ändern.
review-submit = Prüfung abgeben
review-back = Zurück zu den Fragen

# Marks: what candidates note for themselves. They stay on the device, and only scripts show them. %l and %t are put in by them.
marks-flag = Markieren
marks-flag-more = für später
marks-flagged = Markiert
marks-flagged-word = markiert
marks-now-flagged = Für später markiert
marks-not-flagged = Nicht mehr markiert
marks-strikes = Streichen
marks-strikes-more = von Antworten, Schaltflächen dafür
marks-strike = Antwort { $letter } streichen
marks-struck-word = gestrichen
marks-now-struck = Antwort { $letter } ist gestrichen
marks-not-struck = Antwort { $letter } ist nicht mehr gestrichen
marks-chosen = Antwort { $letter } ist Ihre Wahl. Wählen Sie erst eine andere, streichen Sie sie dann.
marks-which = Drücken Sie den Buchstaben der Antwort, die gestrichen werden soll
marks-left = Restzeit: { $time }
marks-untimed = Es gibt kein Zeitlimit.
filter-all = Alle
marks-filter = Welche Fragen gezeigt werden
marks-filter-none = Keine der Fragen.
marks-here = Markierungen und Gestrichenes bleiben auf diesem Gerät.
marks-sheet-close = Schließen
keys-heading = Tastenkürzel
keys-next = Speichern und zur nächsten Frage
keys-previous = Zur vorigen Frage
keys-flag = Diese Frage markieren, oder die Markierung aufheben
keys-letters = A–L
keys-digits = 1–9
keys-choose = Eine Antwort wählen
keys-strike = Dann ein Buchstabe: diese Antwort streichen, oder die Streichung aufheben
keys-clock = Die Restzeit hören
keys-help = Diese Liste zeigen
keys-on = Diese Tasten verwenden
keys-on-hint = Sie tun nichts, während Sie in ein Feld schreiben.
keys-close = Schließen

## Results

result-title = Ergebnis
result-score = Punktzahl
result-passed = Bestanden
result-not-passed = Nicht bestanden
result-bar-label = { $percent }
result-bar-label-pass = { $percent }, Bestehensgrenze { $pass }
result-pass-line = Bestehensgrenze { $percent }
result-confirmed = Abgegeben. Wir haben { $answered } von { $count } Antworten.
result-receipt-keep = Ihre Quittung, zum Notieren:
result-was-undecided = Hier und anderswo wurde verschieden geantwortet, und die Prüfung war zu Ende, bevor eine der Antworten gewählt war. Es zählt die, die der Server am Ende hatte.
result-came-too-late = Die Prüfung war beendet, als dieses Gerät seine letzten Antworten sandte; diese zählen deshalb nicht. Was vorher gespeichert war, zählt.
result-expired = Die Zeit ist abgelaufen. Was Sie gespeichert hatten, wurde abgegeben.
result-handed-in = Ihre Antworten sind da.
result-marks-from = Sie sehen hier Ihre Punkte ab
result-marks-never = Punkte werden hier nicht gezeigt. Sie erfahren sie von der Stelle, die die Prüfung durchführt.
result-marks-soon = Ihre Punkte werden gerade berechnet. Laden Sie diese Seite gleich neu.
result-answered = Beantwortet
result-taken = Benötigte Zeit
result-submitted = Abgegeben
result-ended = Beendet
result-receipt = Quittung
result-receipt-details = Über Ihre Quittung
result-receipt-text = Die Quittung ist ein Fingerabdruck der Antworten, die uns vorliegen; ihre Kurzform ist dessen Anfang. Heben Sie sie auf: Fragt jemand, was Sie abgegeben haben, so klärt sie es.
result-domains = Nach Themengebiet
result-retake = Noch einmal ablegen
result-practise-again = Noch einmal üben
result-all = Alle meine Ergebnisse
result-review-from = Sie sehen hier die richtigen Antworten und Begründungen ab
result-review-never = Die richtigen Antworten und Begründungen werden bei dieser Prüfung nicht gezeigt.
result-keys-from = Sie sehen hier die richtigen Antworten ab
result-keys-never = Die richtigen Antworten werden bei dieser Prüfung nicht gezeigt.
result-explanations-from = Sie sehen hier die Begründungen ab
result-explanations-never = Begründungen werden bei dieser Prüfung nicht gezeigt.
result-questions = Fragen
result-filter = Welche Fragen gezeigt werden
result-filter-all = Alle { $count }
result-filter-missed = Nicht richtig { $count }
result-none-missed = Alles richtig. Sehr gut.
verdict-right = Richtig
verdict-partly = Teilweise richtig
verdict-wrong = Falsch
verdict-unanswered = Nicht beantwortet
verdict-unknown = Beantwortet
verdict-word-right = richtig
verdict-word-partly = teilweise richtig
verdict-word-wrong = falsch
bookmark-add = Merken
bookmark-remove = Nicht mehr merken
drills-title = Gezielt üben
drills-missed = Was Sie verfehlt haben ({ $count })
drills-bookmarked = Was Sie sich gemerkt haben ({ $count })
review-your-answer = Ihre Antwort
review-your-answer-right = Ihre Antwort, richtig
review-your-answer-wrong = Ihre Antwort, falsch
review-given-answer = Gegeben
review-given-answer-right = Gegeben, richtig
review-given-answer-wrong = Gegeben, falsch
review-right-answer = Richtige Antwort
review-none = Keine Antwort
review-or = oder
review-explanation = Warum
history-title = Meine Ergebnisse
history-empty = Sie haben noch keine Prüfung abgelegt.
find-exam = Prüfung suchen
dashboard-title = Übersicht
dashboard-heading = Guten Tag, { $name }
dashboard-open = Läuft
dashboard-ends = endet
dashboard-continue-label = { $exam } fortsetzen
dashboard-empty = Legen Sie eine Prüfung ab oder üben Sie; Ihr Fortschritt erscheint dann hier.
dashboard-suggestions = Beginnen Sie mit einer von diesen
dashboard-average = Durchschnitt
dashboard-best = Bestes
dashboard-finished = Abgeschlossen
dashboard-questions = Beantwortete Fragen
dashboard-trend-title = Ihre Ergebnisse
dashboard-trend-description = { $count ->
    [one] Ihr letzter Versuch.
   *[other] Ihre letzten { $count } Versuche, die ältesten zuerst.
}
dashboard-domains = Nach Themengebiet
dashboard-weakest = Hier lohnt sich Üben:
dashboard-recent = Zuletzt

## Errors

error-try-again = Noch einmal versuchen
error-home = Zur Startseite
error-unsent = Ihre Antwort ist noch nicht gespeichert, aber sie ist noch auf dieser Seite.
error-send-again = Antwort noch einmal senden
error-sign-in-beside = In einem neuen Tab anmelden
error-code = Wenn Sie um Hilfe bitten, nennen Sie diesen Code:
error-bad-request-title = Das hat nicht geklappt
error-bad-request-advice = Was gesendet wurde, war nicht zu verstehen. Gehen Sie zurück, sehen Sie Ihre Eingaben durch und senden Sie noch einmal.
error-signed-out-title = Sie sind abgemeldet
error-signed-out-advice = Ihre Sitzung ist zu Ende. Melden Sie sich in einem neuen Tab an, kommen Sie hierher zurück und senden Sie Ihre Antwort noch einmal.
error-forbidden-title = Diese Seite ist nicht für Ihr Konto
error-forbidden-advice = Wenn Sie sie sehen sollten, lassen Sie von einem Admin Ihre Rolle ändern.
error-by-access-code-title = Ihr Passwort lässt sich hier nicht ändern
error-by-access-code-advice = Sie sind mit einem Zugangscode angemeldet, der kein Passwort braucht. Um das Passwort Ihres Kontos zu ändern, melden Sie sich erst damit an.
error-cross-site-title = Das kam von einer anderen Website
error-cross-site-advice = Es wurde nichts geändert. Öffnen Sie die Seite hier und senden Sie das Formular noch einmal.
error-sign-up-closed-title = Konten werden hier für Sie angelegt
error-sign-up-closed-advice = Fragen Sie Ihre Prüfungsstelle nach einem Konto oder einem Zugangscode, und melden Sie sich dann an.
error-not-found-title = Seite nicht gefunden
error-not-found-advice = Prüfen Sie die Adresse. Wenn Sie einem Link gefolgt sind, ist die Seite vielleicht umgezogen.
error-method-title = Diese Adresse öffnet sich nicht als Seite
error-method-advice = Gehen Sie zur Startseite und suchen Sie von dort Ihren Weg.
error-timeout-title = Das hat zu lange gedauert
error-timeout-advice = Ihre gespeicherten Antworten sind sicher. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.
error-attempt-closed-title = Dieser Versuch ist beendet
error-attempt-closed-advice = Ihre Antworten bis zum Ende sind gespeichert. Sie finden das Ergebnis unter „Meine Ergebnisse“.
error-attempt-full-title = Dieser Versuch nimmt keine Änderungen mehr an
error-attempt-full-advice = Er wurde viele tausend Mal geändert. Alles, was gespeichert war, zählt: Geben Sie ab.
error-too-large-title = Das ist zu groß
error-too-large-advice = Senden Sie eine kleinere Datei oder einen kürzeren Text.
error-too-many-title = Zu viele Versuche
error-too-many-advice = { $seconds ->
    [one] Warten Sie { $seconds } Sekunde und versuchen Sie es dann noch einmal.
   *[other] Warten Sie { $seconds } Sekunden und versuchen Sie es dann noch einmal.
}
error-internal-title = Bei uns ist etwas schiefgegangen
error-internal-advice = Ihre gespeicherten Antworten sind sicher. Versuchen Sie es gleich noch einmal.
error-busy-title = Der Server ist gerade stark ausgelastet
error-busy-advice = { $seconds ->
    [one] Ihre gespeicherten Antworten sind sicher. Versuchen Sie es in { $seconds } Sekunde noch einmal.
   *[other] Ihre gespeicherten Antworten sind sicher. Versuchen Sie es in { $seconds } Sekunden noch einmal.
}

## Waiting room

waiting-title = Sie stehen in der Schlange
waiting-lead = Gerade kommen mehr Menschen, als auf einmal durch die Tür passen. Ihr Platz bleibt Ihnen, und die Seite geht von selbst weiter, wenn Sie an der Reihe sind.
waiting-ahead = Vor Ihnen
waiting-time = Ungefähr
waiting-moment = einige Sekunden
waiting-seconds = { $seconds ->
    [one] { $seconds } Sekunde
   *[other] { $seconds } Sekunden
}
waiting-minutes = { $minutes ->
    [one] { $minutes } Minute
   *[other] { $minutes } Minuten
}
waiting-stay = Lassen Sie diese Seite offen. Sie neu zu laden nützt und schadet nichts.
waiting-form = Was Sie eben gesendet haben, wurde noch nicht angenommen: Senden Sie es noch einmal, wenn Sie eingelassen sind.
waiting-running = Laufende Prüfungen werden nicht aufgehalten. Ihre eigene Zeit beginnt erst mit Ihrer Prüfung.

## The demo's entrance

demo-title = Die Vorführung ausprobieren
demo-lead = Wählen Sie, wer Sie sein möchten. Alles ist erfunden, und nichts, was Sie hier tun, verlässt diesen Server.
demo-enter = Als { $name } eintreten
demo-hint-candidate = Eine Prüfung ablegen oder üben, Ergebnisse und Fortschritt sehen.
demo-hint-author = Fragensammlungen durchsehen, Fragen importieren, Prüfungen anlegen und veröffentlichen.
demo-hint-invigilator = Versuche beobachten und nachsehen, was wann geantwortet wurde.
demo-hint-admin = Alles, und die Konten.
