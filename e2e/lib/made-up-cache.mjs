// A cache as browsers have it, for unit tests: what it holds is a map from address to response, in the order in which it was kept.

const path = (address) => String(address).replace(/\?.*/, "");

/** @param {() => Map<string, Response>} kept */
export function madeUpCache(kept) {
  const addresses = (key, { ignoreSearch = false } = {}) =>
    [...kept().keys()].filter((address) => key === undefined || (ignoreSearch ? path(address) === path(key.url ?? key) : address === String(key.url ?? key)));
  return {
    match: async (key, options) => kept().get(addresses(key, options)[0])?.clone(),
    keys: async (key, options) => addresses(key, options).map((url) => ({ url })),
    put: async (key, response) => {
      // Nothing is there while it is written.
      kept().delete(String(key));
      const text = await response.text();
      kept().set(String(key), new Response(text, { headers: response.headers }));
    },
    delete: async (key, options) => addresses(key, options).map((address) => kept().delete(address)).length > 0,
  };
}
