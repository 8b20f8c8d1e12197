// @ts-check
// Every page: moments in the reader's own time zone. Without this they stay in UTC, as the server wrote them.

// The page's language, in the reader's own variety of it: 23 Nov or Nov 23.
const ours = document.documentElement.lang;
const language = navigator.languages.find((tag) => tag.split("-")[0] === ours.split("-")[0]) ?? ours;
const usual = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const precise = new Intl.DateTimeFormat(language, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time[data-local]"))) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  element.title = element.textContent?.trim() ?? "";
  element.textContent = (element.dataset.local === "precise" ? precise : usual).format(moment);
}
