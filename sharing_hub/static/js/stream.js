// Live updates by server-sent events; the browser reconnects by itself, and `resync` says that something may have been missed.

/** Follow the hub. `on` has handlers named by event (incident, camera, media, resync) and `state(connected)`; returns a function that stops. */
export function follow(on) {
  let source = null;
  let stopped = false;
  let timer = null;

  function open() {
    source = new EventSource("/v1/stream");
    let opened = false;
    source.onopen = () => { opened = true; on.state(true); on.resync(); };
    for (const name of ["incident", "camera", "media"]) {
      source.addEventListener(name, (message) => on[name](JSON.parse(message.data)));
    }
    // A live view hears of its end by its own id; whoever plays it listens on the window.
    source.addEventListener("live_ended", (message) => window.dispatchEvent(new CustomEvent("live-ended", { detail: JSON.parse(message.data) })));
    source.addEventListener("resync", () => on.resync());
    source.onerror = () => {
      on.state(false);
      if (source.readyState === EventSource.CLOSED && !stopped) {
        timer = setTimeout(open, opened ? 1000 : 4000);
      }
    };
  }

  open();
  return () => { stopped = true; clearTimeout(timer); source?.close(); };
}
