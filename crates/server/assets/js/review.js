// @ts-check
// The review before submitting: runs the clock. Everything is saved already when this page is open.

import { runClock } from "./clock.js";

runClock(async () => {});
