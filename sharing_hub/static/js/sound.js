// One short tone per new alarm, by severity; made by the browser, so that there is no file to load.

let context = null;

/** Say whether alarms are heard. */
export const enabled = () => localStorage.getItem("sound") !== "off";

/** Turn the sound on or off for this browser. */
export function toggle() {
  localStorage.setItem("sound", enabled() ? "off" : "on");
}

/** Sound for an alarm of `severity` (1 is urgent). */
export function ring(severity) {
  if (!enabled() || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  const tones = { 1: [880, 660, 880, 660], 2: [660, 660], 3: [440] }[severity] ?? [440];
  tones.forEach((hertz, i) => {
    const start = context.currentTime + i * 0.22;
    const oscillator = new OscillatorNode(context, { frequency: hertz, type: severity === 1 ? "square" : "sine" });
    const gain = new GainNode(context, { gain: 0.08 });
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + 0.16);
  });
}
