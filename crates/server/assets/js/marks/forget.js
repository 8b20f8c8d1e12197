// @ts-check
// The result: the attempt has ended, and with it what was marked in it on this device.

import { shelf } from "./device.js";
import { forget } from "./kept.js";

const [, attempt] = /^\/attempts\/([^/]+)\/result$/.exec(location.pathname) ?? [];
if (attempt) forget(shelf(), decodeURIComponent(attempt));
