// What this browser remembers about its user. Storage may be forbidden; then nothing is remembered.

export interface Preferences {
  name: string;
  room: string;
  camera: string;
  microphone: string;
  speaker: string;
  cameraOn: boolean;
  microphoneOn: boolean;
  /** "en", "ko"; empty: the browser's. */
  language: string;
  /** "auto", "dark", "light" */
  theme: string;
  /** "grid", "speaker" */
  view: string;
}

const place = "parley.preferences";
const defaults: Preferences = {
  name: "",
  room: "",
  camera: "",
  microphone: "",
  speaker: "",
  cameraOn: true,
  microphoneOn: true,
  language: "",
  theme: "auto",
  view: "grid",
};

export function readPreferences(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(place) ?? "{}") as Partial<Record<keyof Preferences, unknown>>;
    const fitting = Object.entries(defaults).map(([key, value]) => {
      const found = stored[key as keyof Preferences];
      return [key, typeof found === typeof value ? found : value] as const;
    });
    return Object.fromEntries(fitting) as unknown as Preferences;
  } catch {
    return { ...defaults };
  }
}

export function remember(changes: Partial<Preferences>): void {
  try {
    localStorage.setItem(place, JSON.stringify({ ...readPreferences(), ...changes }));
  } catch {
    // Private windows of some browsers refuse.
  }
}
