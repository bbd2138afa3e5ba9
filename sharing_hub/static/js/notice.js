// Short messages at the edge of the page; read out by screen readers, and seen above an open dialog.

import { h } from "./dom.js";

const SHOWN_MS = 6000;

/** Show `text` for a few seconds. */
export function notice(text, kind = "problem") {
  const element = h("div", { class: `notice ${kind}` }, text);
  const place = document.getElementById("notices");
  place.append(element);
  if (place.showPopover) { if (place.matches(":popover-open")) place.hidePopover(); place.showPopover(); } // the last to be shown is on top
  setTimeout(() => { element.remove(); if (!place.children.length && place.matches(":popover-open")) place.hidePopover(); }, SHOWN_MS);
}
