### نصوص صفحات الجميع بالعربية. المعرّفات نفسها وبالترتيب نفسه كما في en.ftl.
###
### الأسلوب: ما الذي حدث، وما الذي حُفظ، وما المطلوب؛ جملة قصيرة لكل منها، بلا لوم ولا رموز. الأرقام هي الأرقام الغربية في كل مكان.
### صيغ العدد الست تختارها FORM(العدد)؛ انظر src/messages/plurals.rs.
### الأسماء والعناوين التي كتبها الناس معزولة بعلامتي U+2068 و U+2069 كي لا تقلب ترتيب ما حولها.

## Everywhere

product = Examhall
skip-to-content = انتقل إلى المحتوى
nav-main = القائمة الرئيسية
nav-dashboard = لوحة المتابعة
nav-exams = الامتحانات
nav-results = نتائجي
nav-staff = الإدارة
nav-sign-in = تسجيل الدخول
nav-sign-up = إنشاء حساب
nav-sign-out = تسجيل الخروج
nav-account = الحساب
sign-out-unsent = على هذا الجهاز إجابات لم تصل إلى الخادم بعد. تسجيل الخروج يزيلها نهائيًا.
sign-out-anyway = تسجيل الخروج وإزالتها
nav-language = اللغة
footer-promise = كل إجابة كُتب بجانبها «تم الحفظ» محفوظة فعلًا.
demo-note = هذا عرض تجريبي. قد يُعاد كل ما فيه إلى بدايته.
no-value = –
no-limit = بلا حد
untimed = بلا وقت محدد
number = { $value }
# بلا العلامتين تظهر علامة النسبة قبل الرقم إذا سبقته كلمة عربية.
percent = {"\u200e"}{ $value }%{"\u200e"}
n-of = { $n } من { $of }
list-comma = ،
up-to = حتى { $count }
questions = { FORM($count) ->
    [zero] لا أسئلة
    [one] سؤال واحد
    [two] سؤالان
    [few] { $count } أسئلة
    [many] { $count } سؤالًا
   *[other] { $count } سؤال
}
questions-up-to = { FORM($count) ->
    [zero] لا أسئلة
    [one] سؤال واحد على الأكثر
    [two] حتى سؤالين
    [few] حتى { $count } أسئلة
    [many] حتى { $count } سؤالًا
   *[other] حتى { $count } سؤال
}
attempts = { FORM($count) ->
    [zero] لا محاولات
    [one] محاولة واحدة
    [two] محاولتان
    [few] { $count } محاولات
    [many] { $count } محاولة
   *[other] { $count } محاولة
}
pass-at = النجاح من { $percent }
points-of = { $points } من { $max }
points-of-long = { $points } من { $max } درجة
paging = الصفحات
paging-first = العودة إلى الأحدث
paging-older = الأقدم
paging-next = الصفحة التالية
chart-table = عرض الأرقام
chart-empty = لا بيانات بعد.

# يكتب الخادم الأوقات بالتوقيت العالمي، ثم يكتبها المتصفح بالتوقيت المحلي.
moment = { $day } { $month ->
    [1] يناير
    [2] فبراير
    [3] مارس
    [4] أبريل
    [5] مايو
    [6] يونيو
    [7] يوليو
    [8] أغسطس
    [9] سبتمبر
    [10] أكتوبر
    [11] نوفمبر
   *[12] ديسمبر
} { $year }، { $time } UTC
duration-seconds = { FORM($seconds) ->
    [zero] أقل من ثانية
    [one] ثانية واحدة
    [two] ثانيتان
    [few] { $seconds } ثوانٍ
    [many] { $seconds } ثانية
   *[other] { $seconds } ثانية
}
duration-minutes = { FORM($minutes) ->
    [zero] أقل من دقيقة
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $minutes } دقائق
    [many] { $minutes } دقيقة
   *[other] { $minutes } دقيقة
}
duration-minutes-seconds = { $minutes } د و{ $seconds } ث
duration-hours = { FORM($hours) ->
    [zero] أقل من ساعة
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $hours } ساعات
    [many] { $hours } ساعة
   *[other] { $hours } ساعة
}
duration-hours-minutes = { $hours } س و{ $minutes } د

mode-exam = امتحان
mode-practice = تدريب
state-open = جارٍ
state-submitted = سُلِّم
state-expired = انتهى الوقت
role-candidate = ممتحَن
role-author = مؤلف أسئلة
role-invigilator = مراقب
role-admin = مدير

column-attempt = المحاولة
column-domain = المجال
column-score = النتيجة
column-share = النسبة

## Forms

form-problem = هناك مشكلة
form-title-error = خطأ:
field-name = الاسم
field-name-hint = كما ينبغي أن يظهر في النتائج.
field-email = البريد الإلكتروني
field-password = كلمة المرور
field-password-hint = { FORM($least) ->
    [zero] بأي طول.
    [one] حرف واحد على الأقل.
    [two] حرفان على الأقل.
    [few] { $least } أحرف على الأقل.
    [many] { $least } حرفًا على الأقل.
   *[other] { $least } حرف على الأقل.
} بضع كلمات أسهل تذكرًا وأصعب تخمينًا.
field-current-password = كلمة المرور الحالية
field-new-password = كلمة المرور الجديدة
problem-email-missing = اكتب بريدك الإلكتروني
problem-email-invalid = اكتب البريد الإلكتروني على هذا النحو: ‎name@example.org‎
problem-email-taken = استخدم بريدًا إلكترونيًا آخر. لهذا العنوان حساب بالفعل
problem-name-unseen = اكتب الاسم دون محارف غير مرئية
problem-name-missing = اكتب اسمًا
problem-name-too-long = { FORM($most) ->
    [zero] قصّر الاسم
    [one] قصّر الاسم إلى حرف واحد
    [two] قصّر الاسم إلى حرفين
    [few] قصّر الاسم إلى { $most } أحرف
    [many] قصّر الاسم إلى { $most } حرفًا
   *[other] قصّر الاسم إلى { $most } حرف
}
problem-password-missing = اكتب كلمة المرور
problem-current-password-missing = اكتب كلمة المرور الحالية
problem-new-password-missing = اكتب كلمة مرور جديدة
problem-password-too-short = { FORM($least) ->
    [zero] اكتب كلمة مرور أطول
    [one] اكتب كلمة مرور من حرف واحد على الأقل
    [two] اكتب كلمة مرور من حرفين على الأقل
    [few] اكتب كلمة مرور من { $least } أحرف على الأقل
    [many] اكتب كلمة مرور من { $least } حرفًا على الأقل
   *[other] اكتب كلمة مرور من { $least } حرف على الأقل
}
problem-password-too-long = { FORM($most) ->
    [zero] اكتب كلمة مرور أقصر
    [one] اكتب كلمة مرور من حرف واحد على الأكثر
    [two] اكتب كلمة مرور من حرفين على الأكثر
    [few] اكتب كلمة مرور من { $most } أحرف على الأكثر
    [many] اكتب كلمة مرور من { $most } حرفًا على الأكثر
   *[other] اكتب كلمة مرور من { $most } حرف على الأكثر
}
problem-password-easy = اختر كلمة مرور يصعب تخمينها، كعدة كلمات معًا
problem-password-unchanged = اختر كلمة مرور غير الحالية
problem-wrong-credentials = تحقق من البريد الإلكتروني وكلمة المرور. لا ينتمي أحدهما إلى الآخر
problem-wrong-password = تحقق من كلمة المرور الحالية. إنها غير صحيحة
problem-wrong-access-code = تحقق من رمز الدخول. إنه غير صحيح أو لم يعد صالحًا. يمكن لمكتب الامتحانات أن يعطيك رمزًا جديدًا
problem-account-disabled = هذا الحساب موقوف. اسأل القائمين على امتحانك
problem-too-many-tries = { FORM($seconds) ->
    [zero] حاول مرة أخرى
    [one] انتظر ثانية واحدة، ثم حاول مرة أخرى
    [two] انتظر ثانيتين، ثم حاول مرة أخرى
    [few] انتظر { $seconds } ثوانٍ، ثم حاول مرة أخرى
    [many] انتظر { $seconds } ثانية، ثم حاول مرة أخرى
   *[other] انتظر { $seconds } ثانية، ثم حاول مرة أخرى
}
problem-many-sign-ins = { FORM($seconds) ->
    [zero] حاول مرة أخرى.
    [one] حاول مرة أخرى بعد ثانية واحدة.
    [two] حاول مرة أخرى بعد ثانيتين.
    [few] حاول مرة أخرى بعد { $seconds } ثوانٍ.
    [many] حاول مرة أخرى بعد { $seconds } ثانية.
   *[other] حاول مرة أخرى بعد { $seconds } ثانية.
} كثيرون يسجلون الدخول الآن، وعدد من هم قبلك: { $ahead }
problem-set-up-link-spent = استُخدم هذا الرابط أو مضى عليه وقت طويل. شغّل «‎examhall setup-link‎» للحصول على رابط جديد
problem-question-count-not-offered = اختر أحد أعداد الأسئلة المعروضة
problem-no-attempts-left = استنفدت كل محاولاتك في هذا الامتحان
problem-nothing-missed = لا يوجد ما تتدرّب عليه من جديد: كانت كل الأسئلة صحيحة في المرة الأخيرة
problem-nothing-bookmarked = لا يوجد ما تتدرّب عليه: لم تضع إشارة مرجعية على أي سؤال من هذا التدريب
problem-not-open = هذا الامتحان غير متاح الآن

## Front page

home-title = امتحانات وتدريبات عبر الإنترنت
home-heading = قاعة امتحان تتسع للجميع
home-lead = أدِّ امتحانات محددة الوقت وتدرّب عليها، واعرف ما أصبت فيه ولماذا، وتابع تقدمك.
home-sign-up = إنشاء حساب
home-sign-in = تسجيل الدخول
home-promise-saved = لا يضيع شيء.
home-promise-saved-text = «تم الحفظ» تعني أنه محفوظ فعلًا. وإذا انقطع الاتصال قالت الصفحة المفتوحة ذلك وواصلت المحاولة.
home-promise-start = لا أحد ينتظر عند الجرس.
home-promise-start-text = يمكن لقاعة كاملة أن تبدأ في اللحظة نفسها.
home-promise-clock = الساعة عادلة.
home-promise-clock-text = وقت الجميع تحسبه ساعة واحدة، هي ساعة الخادم.
home-exams = الامتحانات
home-all-exams = كل الامتحانات

## Accounts

sign-up-title = إنشاء حساب
sign-up-button = إنشاء الحساب
sign-up-have-account = لديك حساب؟
sign-in-title = تسجيل الدخول
sign-in-button = تسجيل الدخول
sign-in-no-account = جديد هنا؟
sign-in-by-code = لدي رمز دخول
sign-in-by-code-button = تسجيل الدخول بالرمز
field-access-code = رمز الدخول
field-access-code-hint = يتكون من 12 حرفًا ورقمًا، مثل ‎7K3M-Q9TX-2WHD‎. لا فرق بين الحروف الكبيرة والصغيرة، ولا حاجة إلى الشرطات.
sign-in-signed-out = سجّلت خروجك.
sign-in-required = سجّل الدخول للمتابعة، ثم تعود إلى حيث كنت.
sign-in-is-set-up = يوجد مدير بالفعل، فلم يعد هذا الرابط صالحًا. سجّل الدخول.
sign-in-new-password = عُيِّنت كلمة المرور الجديدة. سجّل الدخول بها.
sign-in-forgotten = نسيت كلمة المرور؟ يمكن لمكتب الامتحانات أن يعطيك رابطًا لتعيين كلمة مرور جديدة.
set-up-title = إعداد Examhall
set-up-lead = هنا يُنشأ حساب المدير الأول. يعمل الرابط مرة واحدة.
set-up-button = إنشاء حساب المدير
password-title = تغيير كلمة المرور
password-lead = تبقى مسجَّل الدخول هنا، ويُسجَّل خروجك من كل مكان آخر.
password-button = تغيير كلمة المرور
password-changed = تغيّرت كلمة المرور. سُجِّل خروجك من كل مكان آخر.
new-password-title = تعيين كلمة مرور جديدة
new-password-lead = إنها للحساب {"\u2068"}{ $email }{"\u2069"}. كل من سجّل الدخول إليه يُسجَّل خروجه.
new-password-button = تعيين كلمة المرور
new-password-spent-title = لم يعد هذا الرابط صالحًا
new-password-spent-advice = استُخدم هذا الرابط، أو مضى عليه أكثر من يوم، أو حلّ محله رابط أحدث. يمكن لمكتب الامتحانات أن يعطيك رابطًا آخر.

## Exams

catalogue-title = الامتحانات
catalogue-empty = لا امتحانات بعد.
exam-create = إنشاء امتحان
exam-in-progress = جارٍ
intro-back = كل الامتحانات
fact-questions = الأسئلة
fact-time = الوقت المتاح
fact-time-now = الوقت إذا بدأت الآن
fact-pass = حد النجاح
fact-attempts-left = المحاولات المتبقية
fact-opens = يُفتح
fact-closes = يُغلق
attempts-left-of = { $left } من { $allowed }
intro-rules = قبل أن تبدأ
intro-rule-clock = تبدأ الساعة حين تبدأ، ولا تتوقف.
intro-rule-time-out = إذا انتهى الوقت سُلِّم عنك ما حفظته.
intro-rule-untimed = لا وقت محدد. يمكنك أن تغادر ثم تعود.
intro-rule-closes = إذا أُغلق الامتحان سُلِّم عنك ما حفظته، وإن كان لديك وقت متبقٍّ.
intro-rule-saved = تُحفظ كل إجابة فور كتابتها. إذا انقطع الاتصال فتابع: تبقى الإجابات على هذا الجهاز وتُرسل حين يعود. وإن اضطررت إلى المغادرة في أثناء ذلك فعُد على الجهاز نفسه.
intro-rule-penalty = الإجابة الخاطئة تُنقص الدرجات، أما الفارغة فلا.
intro-rule-no-penalty = الإجابة الخاطئة لا تُنقص شيئًا، فأجب عن كل سؤال.
intro-release-everything = ترى درجاتك والإجابات الصحيحة وأسبابها فور التسليم.
intro-release-marks = ترى درجاتك فور التسليم.
intro-release-after-close = ترى درجاتك بعد إغلاق الامتحان.
intro-release-nothing = لا تُعرض النتائج هنا. سيخبرك بها القائمون على الامتحان.
intro-sign-in = سجّل الدخول لتأدية هذا.
intro-sign-in-button = تسجيل الدخول والبدء
intro-open-attempt = بدأت هذا من قبل.
intro-continue = متابعة
intro-blocked-not-open = لم يُفتح هذا الامتحان بعد.
intro-blocked-closed = أُغلق هذا الامتحان.
intro-blocked-no-attempts = استنفدت كل محاولاتك في هذا الامتحان.
ready-heading = استعد
ready-trial-text = جرّب كيف تُعطى الإجابات، بسؤال مختلق لا يُحفظ منه شيء:
ready-trial = تجربة سؤال
check-start = فحص هذا الجهاز
check-again = الفحص مرة أخرى
check-running = جارٍ الفحص…
check-connection = الاتصال
check-connection-good = جيد: يجيب الخادم خلال { $time }.
check-connection-fair = بطيء: يحتاج الخادم إلى { $time } ليجيب. يمكنك أداء الامتحان؛ وقد يتأخر «تم الحفظ» لحظة.
check-connection-poor = غير مستقر: بقيت { $failed } من { $of } محاولات بلا جواب. اقترب من الشبكة أو استخدم غيرها.
check-connection-bad = تعذّر الوصول إلى الخادم. تحقق من الشبكة، ثم أعد الفحص.
check-storage = التخزين
check-storage-good = يستطيع هذا المتصفح أن يحفظ ما يدوّنه الامتحان فيه.
check-storage-fair = يحفظ هذا المتصفح بعض الأشياء فقط. يمكنك أداء الامتحان؛ لكن العلامات أو ما لم يُرسل بعد قد تضيع عند إغلاق الصفحة.
check-storage-bad = لا يحفظ هذا المتصفح شيئًا لهذا الموقع. يمكنك أداء الامتحان؛ لكن العلامات وما لم يُرسل بعد تضيع عند إغلاق الصفحة. اخرج من التصفح الخاص، أو اسمح لهذا الموقع بتخزين البيانات.
check-clock = الساعة
check-clock-good = ساعة هذا الجهاز مضبوطة.
check-clock-fast = ساعة هذا الجهاز متقدمة: { $time }. وقتك يحسبه الخادم فلا تخسر منه شيئًا؛ اعتمد على الساعة التي في الامتحان.
check-clock-slow = ساعة هذا الجهاز متأخرة: { $time }. وقتك يحسبه الخادم فلا تخسر منه شيئًا؛ اعتمد على الساعة التي في الامتحان.
check-clock-unknown = وقت الخادم غير معروف، إذ تعذّر الوصول إليه.
check-done-good = تم الفحص. كل شيء على ما يرام.
check-done-not = تم الفحص. انظر في القائمة ما المطلوب.
lobby-opens-in = يُفتح بعد
lobby-opens-at = يُفتح في
lobby-reload = أعد تحميل هذه الصفحة حينئذ.
lobby-stay = ابقَ في هذه الصفحة: يظهر زر البدء وحده.
lobby-minutes = { FORM($minutes) ->
    [zero] يُفتح الامتحان بعد أقل من دقيقة.
    [one] يُفتح الامتحان بعد دقيقة واحدة.
    [two] يُفتح الامتحان بعد دقيقتين.
    [few] يُفتح الامتحان بعد { $minutes } دقائق.
    [many] يُفتح الامتحان بعد { $minutes } دقيقة.
   *[other] يُفتح الامتحان بعد { $minutes } دقيقة.
}
lobby-open = الامتحان مفتوح. يمكنك البدء.
intro-rule-check = يمكنك التحقق من كل إجابة أثناء التدريب: ترى فورًا هل هي صحيحة ولماذا. ولا يمكن تغييرها بعد ذلك.
intro-how-many = كم سؤالًا؟
intro-start-note = يبدأ وقتك حين تختار البدء.
intro-start = بدء الامتحان
intro-start-practice = بدء التدريب

# The question to try
trial-title = سؤال تجريبي
trial-not-saved = لا يُحفظ شيء هنا
trial-back = العودة إلى الامتحان
trial-prompt = أي شهر يأتي بعد أبريل؟
trial-option-a = مارس
trial-option-b = مايو
trial-option-c = يوليو
trial-option-d = ديسمبر
trial-sent = هذا يعمل. في الامتحان تُحفظ إجابتك الآن ويأتي السؤال التالي.
trial-sent-empty = لم يُختر شيء. في الامتحان يبقى السؤال بلا إجابة ويأتي السؤال التالي.
trial-notes = أشياء للتجربة
trial-note-answer = اختر إجابة، وغيّرها، وامسحها.
trial-note-flag = ضع علامة على السؤال: في الامتحان تظهر العلامة بين كل الأسئلة وقبل التسليم.
trial-note-strike = اشطب ما تظنه خطأ. لا يغيّر ذلك أي إجابة.
trial-note-keys = استخدم المفاتيح أو أوقفها. يبقى اختيارك على هذا الجهاز.

## Sitting an exam

take-place = السؤال { $number } من { $count }
take-question = السؤال { $number }
take-question-word = السؤال
take-points = { FORM($points) ->
    [zero] بلا درجات
    [one] درجة واحدة
    [two] درجتان
    [few] { $points } درجات
    [many] { $points } درجة
   *[other] { $points } درجة
}
take-choose = { FORM($count) ->
    [zero] اختر ما تراه صحيحًا
    [one] اختر إجابة واحدة
    [two] اختر إجابتين اثنتين
    [few] اختر { $count } إجابات
    [many] اختر { $count } إجابة
   *[other] اختر { $count } إجابة
}
take-choose-one = اختر إجابة واحدة
take-choose-all = اختر كل ما ينطبق
take-too-many = اخترت أكثر من { $count }. إجابة كهذه تُحسب خطأً.
take-moved = موضعه الآن %n
take-number = إجابتك، رقمًا
take-number-hint = أرقام، مع نقطة أو فاصلة قبل الكسر العشري، مثل 3.5
take-no-number = لا يمكن قراءة هذا كرقم، وسيُحسب خطأً. اكتب أرقامًا فقط، مع نقطة أو فاصلة قبل الكسر العشري.
take-full = امتلأ الحقل. ما كُتب أو أُلصق بعد ذلك ليس جزءًا من إجابتك.
take-text = إجابتك
take-match = اختر لكل عنصر ما يناسبه
take-select = اختر…
take-order = رتّب ما يلي
take-position = الموضع
take-position-none = –
take-move-up = إلى أعلى
take-move-down = إلى أسفل
take-order-keep = هذا الترتيب هو إجابتي
take-blank = الفراغ { $number }
take-previous = السابق
take-next = حفظ ومتابعة
take-next-checked = التالي
take-review = مراجعة وتسليم
take-clear = مسح الإجابة
take-check = تحقّق من الإجابة
take-checked-note = تم التحقق. تبقى هذه الإجابة كما هي.
take-navigator = الأسئلة
take-answered-of = أُجيب عن { $answered } من { $count }
take-answered = أُجيب عنه
take-answered-partly = أُجيب عن جزء منه
take-not-answered = بلا إجابة
take-legend-answered = أُجيب عنه
take-legend-partly = أُجيب عن جزء منه
take-legend-not-answered = بلا إجابة
take-legend-waiting = لم يُحفظ بعد
take-legend-refused = لم يُحفظ آخر تغيير
take-legend-current = أنت هنا
take-time-left = الوقت المتبقي
take-clock-still = عند فتح هذه الصفحة
take-clock-hide = إخفاء
take-clock-show = إظهار الوقت
take-minutes-left = { FORM($minutes) ->
    [zero] بقي أقل من دقيقة
    [one] بقيت دقيقة واحدة
    [two] بقيت دقيقتان
    [few] بقيت { $minutes } دقائق
    [many] بقيت { $minutes } دقيقة
   *[other] بقيت { $minutes } دقيقة
}
take-time-up = انتهى الوقت. تُسلَّم الآن إجاباتك المحفوظة.
take-not-sent = تعذّر الوصول إلى الخادم الآن، لذلك تبقى هنا. إجاباتك محفوظة على الجهاز؛ حاول مرة أخرى بعد لحظة.
take-not-sent-busy = الخادم مشغول جدًا الآن، لذلك تبقى هنا. إجاباتك محفوظة على جهازك؛ حاول مرة أخرى بعد قليل.
take-check-partly = هذه الإجابة غير مكتملة، أو لا تنال أي درجة كما هي. غيّرها، أو اضغط «تحقّق من الإجابة» مرة أخرى للتحقق منها كما هي.
take-check-not-sent = يحتاج التحقق من الإجابة إلى الشبكة، ولا يمكن الوصول إلى الخادم الآن. إجاباتك محفوظة على جهازك؛ حاول مرة أخرى بعد قليل.
take-check-not-sent-busy = الخادم مشغول جدًا الآن، لذلك لم يتم التحقق من أي إجابة. إجاباتك محفوظة على جهازك؛ حاول مرة أخرى بعد قليل.
take-kept-differs = تختلف إجابات محفوظة على هذا الجهاز عما أُجيب به في مكان آخر منذ ذلك الحين، في السؤال { $questions }.
take-kept-here = على هذا الجهاز
take-kept-elsewhere = أُجيب به في مكان آخر
take-kept-use = استخدام ما حُفظ هنا
take-kept-drop = استخدام ما أُجيب به في مكان آخر
take-sign-in = سُجِّل خروجك. سجّل الدخول هنا للمتابعة؛ لم يضع شيء من إجاباتك.
take-sign-in-button = تسجيل الدخول
take-sign-in-wrong = البريد الإلكتروني أو كلمة المرور غير صحيح. تحقق منهما وحاول مرة أخرى.
take-sign-in-other = هذا الامتحان لشخص آخر. سجّل الدخول بالحساب الذي بدأه.
take-sign-in-failed = تعذّر تسجيل دخولك الآن. حاول مرة أخرى بعد لحظة.
take-sign-in-elsewhere = تسجيل الدخول بطريقة أخرى، في علامة تبويب جديدة
take-ended = سُلّم هذا الامتحان. ما يتغير هنا الآن لا يُحتسب.
take-ended-result = إلى النتيجة
take-over-text = هذا الامتحان مفتوح في علامة تبويب أخرى أو على جهاز آخر، وهو يتابَع هناك.
take-over-button = المتابعة هنا
take-gone = لا يعرف الخادم هذه المحاولة. ربما استُعيدت بياناته إلى وقت قبل أن تبدأ.
take-gone-what = إجاباتك موجودة على هذا الجهاز فقط. اترك هذه الصفحة مفتوحة وأخبر المراقب أو المسؤول عن الامتحان الآن: إذا عادت المحاولة تُرسَل إجاباتك تلقائيًا.
take-gone-dashboard = عرض المحاولات التي يعرفها الخادم في علامة تبويب جديدة
take-notice-saved = تم الحفظ.
take-notice-cleared = مُسحت إجابتك.
take-notice-late = وصل هذا بعد النهاية، فلا يُحتسب. إجاباتك حتى ذلك الحين محفوظة.
take-notice-superseded = توبع هذا الامتحان في علامة تبويب أخرى أو على جهاز آخر. ما أرسلته من هنا محفوظ لدينا، لكنه لا يُحتسب.
take-notice-overtaken = أرسلت لهذا السؤال إجابة لاحقة، وهي التي تُحتسب. الإجابة السابقة محفوظة لدينا، لكنها لا تُحتسب.
take-notice-invalid = لم يُحفظ هذا، لأنه ليس إجابة عن هذا السؤال. تحقق منه واحفظ مرة أخرى.
take-notice-invalid-order = لم يُحفظ هذا: أعطِ كل موضع لعنصر واحد، بدءًا من 1 وبلا فجوات. يمكن ترك الأخيرة فارغة. ثم احفظ مرة أخرى.
take-notice-too-long = لم يُحفظ هذا: لا تزيد الإجابة على 4,000 حرف. قصّرها واحفظ مرة أخرى.
take-notice-busy = لم يُحفظ بعد: الخادم مشغول جدًا. اختر «حفظ ومتابعة» مرة أخرى.
take-notice-full = لم يُحفظ: غُيِّرت هذه المحاولة أكثر مما تتسع له. كل ما حُفظ قبل ذلك يُحتسب: سلِّمها.
take-notice-continued = أهلًا بعودتك. كل ما حفظته موجود هنا.
take-waiting = لم تُحفظ بعد
take-waiting-count = تغيّر هنا ولم يُحفظ بعد: { $count }
take-partly-count = أُجيب عن جزء منه: { $count }
take-flawed = تخسر درجات كما هي
take-flawed-count = تخسر درجات كما هي: { $count }
take-refused = لم يُحفظ آخر تغيير
take-refused-count = عدد ما لم يُحفظ آخر تغيير فيه لأنه لا يناسب السؤال: { $count }
take-notice-checked = تم التحقق من هذا السؤال من قبل، فتبقى إجابته كما كانت. ما أرسلته محفوظ، لكنه لا يُحتسب.
take-notice-unanswered = أجب عن السؤال أولًا، ثم تحقّق من الإجابة.
save-by-button = تُحفظ عند الانتقال
save-empty = بلا إجابة بعد
save-saved = تم الحفظ
save-saving = جارٍ الحفظ
save-asked = إجابتان: اختر واحدة أدناه
save-checked = تم التحقق
save-cleared = مُسحت
save-waiting = لم تُحفظ بعد. تتكرر المحاولة.
save-kept = دون اتصال: عدد الإجابات المحفوظة على هذا الجهاز %n
save-kept-one = دون اتصال: إجابة واحدة محفوظة على هذا الجهاز
save-busy = الخادم مشغول: عدد الإجابات المحفوظة على هذا الجهاز %n، وتتكرر المحاولة
save-busy-one = الخادم مشغول: إجابة واحدة محفوظة على هذا الجهاز، وتتكرر المحاولة
save-unkept = عدد ما لم يُحفظ بعد من الإجابات: %n. أبقِ هذه الصفحة مفتوحة، ونحن نواصل المحاولة.
save-unkept-one = لم تُحفظ بعد. أبقِ هذه الصفحة مفتوحة، ونحن نواصل المحاولة.
save-late = لم تُحفظ: انتهى الوقت
save-closed = لم تُحفظ: انتهى هذا الامتحان
save-superseded = لم تُحفظ: توبع الامتحان في مكان آخر
save-elsewhere = حُفظت هنا، وتوبع الامتحان في مكان آخر
save-signed-out = لم تُحفظ: سُجِّل خروجك
save-gone = ليست على الخادم: لا يعرف هذه المحاولة
save-refused = لم تُحفظ. أعد تحميل هذه الصفحة.
save-full = لم تُحفظ: تغييرات كثيرة جدًا. سلِّم؛ وما حُفظ يُحتسب.
save-invalid = لم تُحفظ: هذا لا يناسب السؤال
review-title = راجع قبل التسليم
review-place = المراجعة
review-not-submitted = لم يُسلَّم شيء بعد.
review-open = { FORM($count) ->
    [zero] لكل الأسئلة إجابات.
    [one] سؤال واحد بلا إجابة. ما زال بإمكانك العودة إليه.
    [two] سؤالان بلا إجابة. ما زال بإمكانك العودة إليهما.
    [few] { $count } أسئلة بلا إجابة. ما زال بإمكانك العودة إليها.
    [many] { $count } سؤالًا بلا إجابة. ما زال بإمكانك العودة إليها.
   *[other] { $count } سؤال بلا إجابة. ما زال بإمكانك العودة إليها.
}
review-partly = { FORM($count) ->
    [zero] لا سؤال أُجيب عن جزء منه فقط.
    [one] سؤال واحد أُجيب عن جزء منه فقط: فيه ما تُرك فارغًا، أو اختيرت فيه خيارات أقل من المطلوب.
    [two] سؤالان أُجيب عن جزء منهما فقط: فيهما ما تُرك فارغًا، أو اختيرت فيهما خيارات أقل من المطلوب.
    [few] { $count } أسئلة أُجيب عن جزء منها فقط: فيها ما تُرك فارغًا، أو اختيرت فيها خيارات أقل من المطلوب.
    [many] { $count } سؤالًا أُجيب عن جزء منها فقط: فيها ما تُرك فارغًا، أو اختيرت فيها خيارات أقل من المطلوب.
   *[other] { $count } سؤال أُجيب عن جزء منها فقط: فيها ما تُرك فارغًا، أو اختيرت فيها خيارات أقل من المطلوب.
}
review-flawed = { FORM($count) ->
    [zero] لا تخسر أي إجابة درجات كما هي.
    [one] إجابة واحدة تخسر درجات كما هي: اختير فيها أكثر من المطلوب، أو لا يمكن قراءة رقم فيها. ما زال بإمكانك تغييرها.
    [two] إجابتان تخسران درجات كما هما: اختير فيهما أكثر من المطلوب، أو لا يمكن قراءة رقم فيهما. ما زال بإمكانك تغييرهما.
    [few] { $count } إجابات تخسر درجات كما هي: اختير فيها أكثر من المطلوب، أو لا يمكن قراءة رقم فيها. ما زال بإمكانك تغييرها.
    [many] { $count } إجابة تخسر درجات كما هي: اختير فيها أكثر من المطلوب، أو لا يمكن قراءة رقم فيها. ما زال بإمكانك تغييرها.
   *[other] { $count } إجابة تخسر درجات كما هي: اختير فيها أكثر من المطلوب، أو لا يمكن قراءة رقم فيها. ما زال بإمكانك تغييرها.
}
review-kept-short = محفوظ على هذا الجهاز ولم يُرسل: لا يُحتسب
review-flawed-short = تخسر درجات كما هي
flaw-too-many = اختير أكثر من المطلوب
flaw-no-number = ليس رقمًا
flaw-blank-no-number = في فراغ ما ليس رقمًا
flaw-too-many-reason = اختير أكثر من المطلوب؛ إجابة كهذه تُحسب خطأً.
flaw-no-number-reason = لا يمكن قراءة ما كُتب كرقم، فيُحسب خطأً.
flaw-blank-no-number-reason = لا يمكن قراءة ما كُتب في فراغ كرقم، فيُحسب ذلك الفراغ خطأً.
submit-dialog-heading = التسليم هكذا؟
submit-dialog-back = العودة إلى المراجعة
submit-dialog-submit = التسليم على أي حال
time-up-title = انتهى الوقت
time-up-text = كل ما حفظته في الوقت يُحتسب. سلِّم لترى نتيجتك؛ وإن لم تفعل شيئًا سُلِّم عنك.
time-up-button = تسليم
review-not-sent = على هذا الجهاز إجابات لم تصل إلى الخادم، ولن تُحتسب.
review-refused = آخر تغيير لك لا يناسب السؤال ولم يُحفظ، في السؤال { $questions }. عُد إليه لتعديله؛ وما حُفظ من قبل يُحتسب.
review-send = العودة لإرسالها
review-submit-heading = جاهز؟
review-submit-text = بعد التسليم لا يمكنك تغيير إجاباتك.
review-submit = تسليم الامتحان
review-back = العودة إلى الأسئلة

# Marks: what candidates note for themselves. They stay on the device, and only scripts show them. %l and %t are put in by them.
marks-flag = وضع علامة
marks-flag-more = لوقت لاحق
marks-flagged = عليه علامة
marks-flagged-word = عليه علامة
marks-now-flagged = وُضعت علامة لوقت لاحق
marks-not-flagged = أُزيلت العلامة
marks-strikes = شطب
marks-strikes-more = الخيارات، أزرار لذلك
marks-strike = شطب الخيار { $letter }
marks-struck-word = مشطوب
marks-now-struck = شُطب الخيار { $letter }
marks-not-struck = لم يعد الخيار { $letter } مشطوبًا
marks-chosen = الخيار { $letter } هو إجابتك. اختر غيره أولًا، ثم اشطبه.
marks-which = اضغط حرف الخيار الذي تريد شطبه
marks-left = الوقت المتبقي: { $time }
marks-untimed = لا وقت محدد.
filter-all = الكل
marks-filter = الأسئلة المعروضة
marks-filter-none = لا شيء من الأسئلة.
marks-here = تبقى العلامات والخيارات المشطوبة على هذا الجهاز.
marks-sheet-close = إغلاق
keys-heading = اختصارات لوحة المفاتيح
keys-next = حفظ والانتقال إلى السؤال التالي
keys-previous = السؤال السابق
keys-flag = وضع علامة على هذا السؤال أو إزالتها
keys-letters = A–L
keys-digits = 1–9
keys-choose = اختيار خيار
keys-strike = ثم حرف: شطب ذلك الخيار أو إلغاء شطبه
keys-clock = سماع الوقت المتبقي
keys-help = عرض هذه القائمة
keys-on = استخدام هذه المفاتيح
keys-on-hint = لا تفعل شيئًا وأنت تكتب في حقل.
keys-close = إغلاق

## Results

result-title = النتيجة
result-score = الدرجة
result-passed = ناجح
result-not-passed = لم ينجح
result-bar-label = { $percent }
result-bar-label-pass = { $percent }، وحد النجاح { $pass }
result-pass-line = حد النجاح { $percent }
result-confirmed = تم التسليم. لدينا { $answered } من { $count } إجابة.
result-receipt-keep = إيصالك، لتدوينه:
result-was-undecided = أُجيب عن سؤال هنا وفي مكان آخر بإجابتين مختلفتين، وانتهى الامتحان قبل اختيار إحداهما. تُحتسب الإجابة التي كانت لدى الخادم عند الانتهاء.
result-came-too-late = كان الامتحان قد انتهى حين أرسل هذا الجهاز آخر إجاباته، فلا تُحتسب تلك. أما ما حُفظ قبل ذلك فيُحتسب.
result-expired = انتهى الوقت. سُلِّم ما كنت قد حفظته.
result-handed-in = وصلت إجاباتك.
result-marks-from = يمكنك أن ترى درجاتك هنا ابتداءً من
result-marks-never = لا تُعرض الدرجات هنا. سيخبرك بها القائمون على الامتحان.
result-marks-soon = تُحسب درجاتك الآن. أعد تحميل هذه الصفحة بعد لحظة.
result-answered = أُجيب عن
result-taken = الوقت المستغرق
result-submitted = وقت التسليم
result-ended = وقت الانتهاء
result-receipt = الإيصال
result-receipt-details = عن إيصالك
result-receipt-text = الإيصال بصمة للإجابات التي لدينا، وصيغته القصيرة أولها. احتفظ به: إذا سأل أحد عما سلّمته، حسم الأمر.
result-domains = حسب المجال
result-retake = أداؤه مرة أخرى
result-practise-again = التدرب مرة أخرى
result-all = كل نتائجي
result-review-from = يمكنك أن ترى الإجابات الصحيحة والشروح هنا ابتداءً من
result-review-never = لا تُعرض الإجابات الصحيحة والشروح لهذا الامتحان.
result-keys-from = يمكنك أن ترى الإجابات الصحيحة هنا ابتداءً من
result-keys-never = لا تُعرض الإجابات الصحيحة لهذا الامتحان.
result-explanations-from = يمكنك أن ترى الشروح هنا ابتداءً من
result-explanations-never = لا تُعرض الشروح لهذا الامتحان.
result-questions = الأسئلة
result-filter = الأسئلة المعروضة
result-filter-all = الكل { $count }
result-filter-missed = ما لم يصح { $count }
result-none-missed = لم تخطئ في أي سؤال. أحسنت.
verdict-right = صحيح
verdict-partly = صحيح جزئيًا
verdict-wrong = خطأ
verdict-unanswered = بلا إجابة
verdict-unknown = أُجيب عنه
verdict-word-right = صحيح
verdict-word-partly = صحيح جزئيًا
verdict-word-wrong = خطأ
bookmark-add = إشارة مرجعية
bookmark-remove = إزالة الإشارة المرجعية
drills-title = تدرّب فقط على
drills-missed = ما أخطأت فيه ({ $count })
drills-bookmarked = ما وضعت عليه إشارة مرجعية ({ $count })
review-your-answer = إجابتك
review-your-answer-right = إجابتك، صحيحة
review-your-answer-wrong = إجابتك، خاطئة
review-given-answer = الإجابة المعطاة
review-given-answer-right = الإجابة المعطاة، صحيحة
review-given-answer-wrong = الإجابة المعطاة، خاطئة
review-right-answer = الإجابة الصحيحة
review-none = لا إجابة
review-or = أو
review-explanation = لماذا
history-title = نتائجي
history-empty = لم تؤدِّ أي امتحان بعد.
find-exam = البحث عن امتحان
dashboard-title = لوحة المتابعة
dashboard-heading = مرحبًا، {"\u2068"}{ $name }{"\u2069"}
dashboard-open = جارٍ
dashboard-ends = ينتهي
dashboard-continue-label = متابعة {"\u2068"}{ $exam }{"\u2069"}
dashboard-empty = أدِّ امتحانًا أو تدريبًا، فيظهر تقدمك هنا.
dashboard-suggestions = ابدأ بواحد من هذه
dashboard-average = المتوسط
dashboard-best = الأفضل
dashboard-finished = المكتملة
dashboard-questions = الأسئلة المجاب عنها
dashboard-trend-title = نتائجك
dashboard-trend-description = { FORM($count) ->
    [zero] لا محاولات بعد.
    [one] محاولتك الأخيرة.
    [two] محاولتاك الأخيرتان، الأقدم أولًا.
    [few] آخر { $count } محاولات لك، الأقدم أولًا.
    [many] آخر { $count } محاولة لك، الأقدم أولًا.
   *[other] آخر { $count } محاولة لك، الأقدم أولًا.
}
dashboard-domains = حسب المجال
dashboard-weakest = يستحق التدريب:
dashboard-recent = الأحدث

## Errors

error-try-again = حاول مرة أخرى
error-home = الانتقال إلى صفحة البداية
error-unsent = لم تُحفظ إجابتك بعد، لكنها ما زالت في هذه الصفحة.
error-send-again = إرسال الإجابة مرة أخرى
error-sign-in-beside = تسجيل الدخول في علامة تبويب جديدة
error-code = إذا طلبت المساعدة فاذكر هذا الرمز:
error-bad-request-title = لم ينجح ذلك
error-bad-request-advice = لم نفهم ما أُرسل. ارجع وتحقق مما كتبته وأرسله مرة أخرى.
error-signed-out-title = سُجِّل خروجك
error-signed-out-advice = انتهت جلستك. سجّل الدخول في علامة تبويب جديدة، ثم عد إلى هنا وأرسل إجابتك مرة أخرى.
error-forbidden-title = هذه الصفحة ليست لحسابك
error-forbidden-advice = إذا كان ينبغي أن تراها، فاطلب من مدير أن يغيّر دورك.
error-by-access-code-title = لا يمكن تغيير كلمة المرور هنا
error-by-access-code-advice = سجّلت الدخول برمز دخول، وهو لا يحتاج إلى كلمة مرور. لتغيير كلمة مرور حسابك، سجّل الدخول بها أولًا.
error-cross-site-title = جاء هذا من موقع آخر
error-cross-site-advice = لم يتغير شيء. افتح الصفحة هنا وأرسل النموذج مرة أخرى.
error-sign-up-closed-title = الحسابات هنا تُنشأ لك
error-sign-up-closed-advice = اطلب من القائمين على امتحانك حسابًا أو رمز دخول، ثم سجّل الدخول.
error-not-found-title = الصفحة غير موجودة
error-not-found-advice = تحقق من العنوان. إذا جئت من رابط فربما نُقلت الصفحة.
error-method-title = هذا العنوان لا يُفتح كصفحة
error-method-advice = انتقل إلى صفحة البداية وابحث عن طريقك من هناك.
error-timeout-title = استغرق ذلك وقتًا طويلًا
error-timeout-advice = إجاباتك المحفوظة في أمان. تحقق من اتصالك وحاول مرة أخرى.
error-attempt-closed-title = انتهت هذه المحاولة
error-attempt-closed-advice = إجاباتك حتى النهاية محفوظة. تجد النتيجة في «نتائجي».
error-attempt-full-title = لا تقبل هذه المحاولة مزيدًا من التغييرات
error-attempt-full-advice = غُيِّرت آلاف المرات. كل ما حُفظ يُحتسب: سلِّمها.
error-too-large-title = هذا كبير جدًا
error-too-large-advice = أرسل ملفًا أصغر أو نصًا أقصر.
error-too-many-title = محاولات كثيرة جدًا
error-too-many-advice = { FORM($seconds) ->
    [zero] حاول مرة أخرى.
    [one] انتظر ثانية واحدة، ثم حاول مرة أخرى.
    [two] انتظر ثانيتين، ثم حاول مرة أخرى.
    [few] انتظر { $seconds } ثوانٍ، ثم حاول مرة أخرى.
    [many] انتظر { $seconds } ثانية، ثم حاول مرة أخرى.
   *[other] انتظر { $seconds } ثانية، ثم حاول مرة أخرى.
}
error-internal-title = حدث خطأ لدينا
error-internal-advice = إجاباتك المحفوظة في أمان. حاول مرة أخرى بعد لحظة.
error-busy-title = الخادم مشغول جدًا الآن
error-busy-advice = { FORM($seconds) ->
    [zero] إجاباتك المحفوظة في أمان. حاول مرة أخرى.
    [one] إجاباتك المحفوظة في أمان. حاول مرة أخرى بعد ثانية واحدة.
    [two] إجاباتك المحفوظة في أمان. حاول مرة أخرى بعد ثانيتين.
    [few] إجاباتك المحفوظة في أمان. حاول مرة أخرى بعد { $seconds } ثوانٍ.
    [many] إجاباتك المحفوظة في أمان. حاول مرة أخرى بعد { $seconds } ثانية.
   *[other] إجاباتك المحفوظة في أمان. حاول مرة أخرى بعد { $seconds } ثانية.
}

## Waiting room

waiting-title = أنت في الطابور
waiting-lead = عدد القادمين الآن أكبر مما يتسع له الباب دفعة واحدة. مكانك محفوظ، وتنتقل هذه الصفحة وحدها حين يأتي دورك.
waiting-ahead = عدد من هم قبلك
waiting-time = نحو
waiting-moment = بضع ثوانٍ
waiting-seconds = { FORM($seconds) ->
    [zero] أقل من ثانية
    [one] ثانية واحدة
    [two] ثانيتين
    [few] { $seconds } ثوانٍ
    [many] { $seconds } ثانية
   *[other] { $seconds } ثانية
}
waiting-minutes = { FORM($minutes) ->
    [zero] أقل من دقيقة
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $minutes } دقائق
    [many] { $minutes } دقيقة
   *[other] { $minutes } دقيقة
}
waiting-stay = اترك هذه الصفحة مفتوحة. إعادة تحميلها لا تنفع ولا تضر.
waiting-form = ما أرسلته للتو لم يُقبل بعد: أرسله مرة أخرى حين تدخل.
waiting-running = من يؤدي امتحانًا الآن لا يتأخر. ووقتك أنت لا يبدأ إلا ببدء امتحانك.

## The demo's entrance

demo-title = تجربة العرض
demo-lead = اختر من تريد أن تكون. كل شيء مختلق، ولا شيء مما تفعله هنا يغادر هذا الخادم.
demo-enter = الدخول باسم {"\u2068"}{ $name }{"\u2069"}
demo-hint-candidate = أداء امتحان أو تدريب، ومشاهدة النتائج والتقدم.
demo-hint-author = تصفح بنوك الأسئلة، واستيراد الأسئلة، وإعداد الامتحانات ونشرها.
demo-hint-invigilator = متابعة المحاولات ومعرفة ما أُجيب ومتى.
demo-hint-admin = كل شيء، والحسابات.
