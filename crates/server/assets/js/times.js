// @ts-check
// Every page: moments in the reader's own time zone, which each of them names. Without this they stay in UTC, as the server wrote them.

// The page's language, in the reader's own variety of it: 23 Nov or Nov 23.
const ours = document.documentElement.lang;
const language = navigator.languages.find((tag) => tag.split("-")[0] === ours.split("-")[0]) ?? ours;

/** @type {Intl.DateTimeFormatOptions} */
const usual = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
  // As the server writes them: some varieties of Arabic would take other digits, and another calendar.
  numberingSystem: "latn",
  calendar: "gregory",
};
/** @type {Intl.DateTimeFormatOptions} */
const precise = { ...usual, hour: "2-digit", second: "2-digit", fractionalSecondDigits: 3 };

const formats = {
  usual: new Intl.DateTimeFormat(language, usual),
  precise: new Intl.DateTimeFormat(language, precise),
};

for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time[data-local]"))) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  element.title = element.textContent?.trim() ?? "";
  element.textContent = (element.dataset.local === "precise" ? formats.precise : formats.usual).format(moment);
}
