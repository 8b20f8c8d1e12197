// @ts-check
// A page of somebody who is not signed in, or whose attempt has ended: the paper is not kept here any longer.

import { letGo } from "./at-hand.js";

void letGo();
