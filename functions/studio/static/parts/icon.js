// Icons as lines: 24 units square. They are decoration, so screen readers pass over them.
import { html } from "../html.js";

const PATHS = {
  add: "M12 5v14M5 12h14",
  alert: "M12 8v5M12 16.5v.5M10.3 4.2 2.9 17.3A2 2 0 0 0 4.6 20.3h14.8a2 2 0 0 0 1.7-3L13.7 4.2a2 2 0 0 0-3.4 0z",
  box: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3",
  brush: "M20.5 3.5 11 13M9.5 14.2c-2.6 0-4 1.5-4 3.6 0 1.3-1 2-2 2.2 1.5.8 3.2 1 4.6 1 2.4 0 4.4-1.5 4.4-3.8 0-1.7-1.3-3-3-3z",
  camera: "M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  check: "m5 12.5 4.5 4.5L19 7.5",
  close: "m6 6 12 12M18 6 6 18",
  compare: "M12 3v18M8 7H4v10h4M16 7h4v10h-4",
  down: "m6 9 6 6 6-6",
  download: "M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14",
  enlarge: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  erase: "m8 20-4.5-4.5a1.5 1.5 0 0 1 0-2.1L13 4l7 7-9 9zM8.5 8.5l7 7M8 20h12",
  gallery: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  idea: "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.7 10.7c.7.6 1.2 1.4 1.2 2.3h5c0-.9.5-1.7 1.2-2.3A6 6 0 0 0 12 3z",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4L16 12l4 4M15.5 9.5h.01",
  key: "M14.5 13.5a4.5 4.5 0 1 0-4-2.5L3 18.5V21h3v-2h2v-2h2l2-2zM16 8.5h.01",
  mark: "M12 3 5 6v5c0 4.5 3 8 7 10 4-2 7-5.5 7-10V6zM9 12l2.2 2.2L15.5 10",
  more: "M4.6 12a.4.4 0 1 0 .8 0a.4.4 0 1 0-.8 0M11.6 12a.4.4 0 1 0 .8 0a.4.4 0 1 0-.8 0M18.6 12a.4.4 0 1 0 .8 0a.4.4 0 1 0-.8 0",
  pencil: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  redo: "M19 12a7 7 0 1 1-2-5M19 4v4h-4",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  spark: "M12 3l1.8 5.2L19 10l-5.2 1.8L12 17l-1.8-5.2L5 10l5.2-1.8zM19 16l.7 1.8L21.5 18.5l-1.8.7L19 21l-.7-1.8L16.5 18.5l1.8-.7z",
  stop: "M7 7h10v10H7z",
  text: "M5 6h14M12 6v13M9 19h6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  undo: "M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3",
  widen: "M9 6v12M15 6v12M5 9l-3 3 3 3M19 9l3 3-3 3",
  zoom: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20M10.5 8v5M8 10.5h5",
};

export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
