// Something that is shown once: to be copied now, in a dialog that says so.

import { h } from "./dom.js";
import { notice } from "./notice.js";
import { t } from "./words.js";

/** Show `text` once, under `about`. */
export function once(about, text) {
  const dialog = h("dialog", { class: "wide", onclose: () => dialog.remove() },
    h("p", { class: "warn" }, about), h("pre", { class: "token" }, text),
    h("form", { method: "dialog", class: "buttons" }, navigator.clipboard ? h("button", { type: "button", onclick: () => navigator.clipboard.writeText(text).then(() => notice(t("copied"), "good"), () => {}) }, t("copy")) : null, h("button", { class: "main" }, t("close"))));
  document.body.append(dialog);
  dialog.showModal();
}
