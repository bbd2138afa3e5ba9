// A refusal, laid out: what was refused, by which rule, what to do about it, and a way on where there is one.

import { h } from "./dom.js";
import * as passkeys from "./passkeys.js";
import { inLanguage, say } from "./problem.js";
import { BY_REQUEST, REMEDIES } from "./words/refusals.js";
import * as words from "./words.js";

const { t } = words;
const asksForPasskey = (error) => (error.body?.rules ?? []).includes("second-factor-needed") || /passkey|second factor/.test(error.message);

/** Return the button that confirms a passkey and then tries `again`; null where that is no remedy. */
export function passkeyRemedy(error, again) {
  if (error.status !== 403 || !asksForPasskey(error) || !again) return null;
  const wrong = h("span", { class: "wrong", role: "alert" });
  const button = h("button", { type: "button", class: "main", "data-remedy": "passkey", onclick: async () => {
    button.disabled = true;
    try { window.dispatchEvent(new CustomEvent("session", { detail: await passkeys.confirm() })); again(); } catch (why) { wrong.textContent = why.name === "NotAllowedError" ? t("passkeyCancelled") : say(why); } finally { button.disabled = false; }
  } }, t("passkeyConfirm"));
  return h("span", { class: "remedy" }, button, wrong);
}

/** Return a refused look as a section for the place where the picture would be; `again` looks once more, `cameraId` is what a request would ask for. */
export function refusal(error, again, cameraId) {
  const rules = error.body?.rules ?? [];
  const reasons = error.body?.reasons ?? [];
  const lines = rules.length ? rules.map((rule, i) => h("li", {}, reasons[i] ? inLanguage(reasons[i]) : words.of(REMEDIES, rule),
    rule in REMEDIES ? h("span", { class: "what-to-do" }, " ", words.of(REMEDIES, rule)) : null, h("code", {}, " ", t("rule", { id: rule })))) : [h("li", {}, say(error))];
  return h("div", { class: "refusal", role: "alert" },
    h("strong", {}, t(error.status === 403 ? "refusedLook" : "refusedOther")), h("ul", {}, lines), rules.length ? h("p", { class: "muted" }, t("onRecord")) : null,
    h("p", { class: "actions" }, passkeyRemedy(error, again), rules.some((rule) => BY_REQUEST.includes(rule)) && cameraId ? h("a", { class: "button", href: `#/requests/new:${encodeURIComponent(cameraId)}` }, t("askOtherVideo")) : null,
      error.status !== 403 && again ? h("button", { type: "button", onclick: again }, t("tryAgain")) : null));
}
