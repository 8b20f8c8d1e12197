// The halls that run.mjs has started, for the tests.

if (!process.env.EXAMHALL_E2E) throw new Error("start the tests with: node run.mjs");

/** By the name of their database. */
export const halls = JSON.parse(process.env.EXAMHALL_E2E);

/** The one with the embedded database. */
export const hall = halls.SQLite;
