// Short messages at the edge of the page; read out by screen readers.

import { h } from "./dom.js";

/** Show `text` for a few seconds. */
export function notice(text, kind = "problem") {
  const element = h("div", { class: `notice ${kind}` }, text);
  document.getElementById("notices").append(element);
  setTimeout(() => element.remove(), 6000);
}
