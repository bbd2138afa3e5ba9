// Why an event was raised: every condition with its measured value against its threshold, as bars and as numbers.

import { h } from "./dom.js";
import * as words from "./words.js";

const { t } = words;

function bar(condition) {
  const top = Math.max(Math.abs(condition.value), Math.abs(condition.threshold)) * 1.15 || 1;
  const share = (value) => `${Math.min(100, (Math.abs(value) / top) * 100)}`;
  const meter = h("span", { class: "bar", role: "img", "aria-label": `${words.number(condition.value)} ${condition.comparison} ${words.number(condition.threshold)}` }, h("i"), h("b"));
  meter.firstChild.style.width = `${share(condition.value)}%`;
  meter.lastChild.style.left = `${share(condition.threshold)}%`;
  return meter;
}

/** Return the threshold that would not have raised it, as text; empty where there is none. */
function silentAt(condition) {
  const at = condition.silent_threshold;
  return at === null || at === undefined ? "" : `${words.number(at)} ${words.unit(condition.unit)}`.trim();
}

/** Return a condition as two rows, because there is little room beside a picture: its name and bar, and its numbers below. */
function rows(condition) {
  const unit = words.unit(condition.unit);
  const sign = condition.comparison.replace(">=", "≥").replace("<=", "≤");
  return [
    h("tr", { class: "name" }, h("th", { colspan: 2, scope: "rowgroup" }, words.condition(condition.name)), h("td", {}, bar(condition))),
    h("tr", {}, h("td", { class: "n" }, words.number(condition.value), " ", unit), h("td", { class: "n" }, sign, " ", words.number(condition.threshold), " ", unit), h("td", { class: "n muted", title: t("silentAtMeaning") }, silentAt(condition))),
  ];
}

/** Return the explanation of `event` as a section. */
export function explanation(event) {
  const why = event.explanation;
  const fact = (name, value) => (value === null || value === undefined || value === "" ? null : [h("dt", {}, t(name)), h("dd", {}, value)]);
  const offset = event.camera_clock?.offset_s;
  return h("section", { class: "explanation" },
    h("h2", {}, t("explanation")),
    h("table", {}, h("thead", {}, h("tr", {}, h("th", { class: "n" }, t("value")), h("th", { class: "n" }, t("threshold")), h("th", { class: "n", title: t("silentAtMeaning") }, t("silentAt")))),
      h("tbody", {}, why.conditions.map(rows))),
    h("dl", {}, fact("trigger", words.kind(why.trigger)), fact("zone", why.zone?.name), fact("object", why.object_class ? `${words.objectClass(why.object_class)}${why.track_id === null || why.track_id === undefined ? "" : ` #${why.track_id}`}` : null),
      fact("score", words.number(event.score)), fact("started", words.moment(event.started_at)), fact("raised", words.clock(event.raised_at)), fact("ended", event.ended_at ? words.clock(event.ended_at) : t("ongoing")), fact("received", words.clock(event.received_at)),
      fact("clock", offset === undefined || offset === null ? null : t("clockOffset", { s: words.number(Math.abs(offset)), dir: t(offset >= 0 ? "ahead" : "behind") })),
      fact("lookInterval", event.look_interval_s ? `${words.number(event.look_interval_s)} s` : null),
      (why.models ?? []).map((model) => fact("model", h("span", { title: model.sha256 }, `${model.name} `, h("code", {}, model.sha256.slice(0, 12))))),
      fact("settings", h("code", { title: why.settings_sha256 }, why.settings_sha256.slice(0, 12)))));
}
