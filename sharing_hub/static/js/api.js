// The one way to the hub: adds the CSRF token, turns problem+json into a HubProblem, and says when the session has ended.

/** What the hub answered instead of what was asked (RFC 9457). */
export class HubProblem extends Error {
  constructor(status, body, retryAfterS) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.retryAfterS = retryAfterS;
  }
}

let csrf = "";
let signedOut = () => {};

/** Keep the session's CSRF token; every change carries it. */
export const keepToken = (token) => { csrf = token; };

/** Say what to do when the hub answers that nobody is signed in. */
export const onSignedOut = (action) => { signedOut = action; };

let aheadMs = 0;

/** Return the hub's time in ms: what it says is due is due by its clock, and a control room's own clock may be off. */
export const now = () => Date.now() + aheadMs;

async function passed(response, path) {
  const told = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(told)) aheadMs = Math.abs(told - Date.now()) > 2000 ? told - Date.now() : 0;
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({ title: response.statusText }));
  if (response.status === 401 && !path.startsWith("/v1/session")) signedOut();
  throw new HubProblem(response.status, problem, Number(response.headers.get("Retry-After")) || null);
}

/** Fetch what is no JSON (a picture, a package); returns the response, or throws a HubProblem. */
export const open = async (path, headers = {}) => passed(await fetch(path, { credentials: "same-origin", cache: "no-store", headers }), path);

/** Ask the hub; returns the parsed body, or null where there is none. */
export async function ask(method, path, body, headers = {}) {
  const changing = method !== "GET";
  const json = body !== undefined && typeof body !== "string";
  const response = await passed(await fetch(path, {
    method, credentials: "same-origin", cache: "no-store",
    headers: { ...(changing ? { "X-CSRF-Token": csrf } : {}), ...(json ? { "Content-Type": "application/json" } : {}), ...headers },
    body: json ? JSON.stringify(body) : body,
  }), path);
  const type = response.headers.get("Content-Type") ?? "";
  return type.includes("json") ? response.json() : { text: await response.text(), location: response.headers.get("Location") };
}

/** Return the address of a picture or clip; looking at it is recorded with `why`. */
export const mediaAddress = (mediaId, why, purpose = "") => `/v1/media/${encodeURIComponent(mediaId)}?why=${encodeURIComponent(why)}${purpose ? `&purpose=${encodeURIComponent(purpose)}` : ""}`;
