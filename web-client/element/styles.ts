// How <parley-room> looks unless the page says otherwise: by custom properties, or by its parts.

export const styles = `
:host {
  box-sizing: border-box;
  display: grid;
  grid-template-rows: minmax(0, 1fr) auto;
  gap: var(--parley-gap, 8px);
  min-height: 16rem;
  padding: var(--parley-gap, 8px);
  border-radius: var(--parley-radius, 12px);
  background: var(--parley-background, #0b0f16);
  color: var(--parley-text, #eef2f8);
  font: 15px/1.4 system-ui, sans-serif;
}
:host([hidden]), [hidden] { display: none !important; }
.grid {
  display: grid;
  grid-template-columns: repeat(var(--columns, 1), minmax(0, 1fr));
  grid-auto-rows: minmax(0, 1fr);
  gap: var(--parley-gap, 8px);
  min-height: 0;
}
.tile {
  position: relative;
  display: grid;
  place-items: center;
  min-height: 0;
  overflow: hidden;
  border-radius: var(--parley-radius, 12px);
  background: var(--parley-tile, #1b2331);
}
.tile[data-speaking] { outline: 3px solid var(--parley-accent, #7ce0c3); outline-offset: -3px; }
video { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: cover; }
.tile[data-screen] video { object-fit: contain; }
.tile[data-local] video { transform: scaleX(-1); }
.name {
  position: absolute;
  bottom: 8px;
  left: 8px;
  max-width: calc(100% - 32px);
  padding: 2px 8px;
  overflow: hidden;
  border-radius: 8px;
  background: rgb(9 13 20 / 70%);
  color: #eef2f8;
  font-size: 13px;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.message { place-self: center; padding: 16px; text-align: center; }
.controls { display: flex; justify-content: center; gap: 8px; }
button {
  min-height: 40px;
  padding: 0 16px;
  border: 0;
  border-radius: 99px;
  background: var(--parley-tile, #1b2331);
  color: inherit;
  font: inherit;
  cursor: pointer;
}
button[aria-pressed="false"] { text-decoration: line-through; }
button:focus-visible { outline: 2px solid var(--parley-accent, #7ce0c3); outline-offset: 2px; }
button[part~="leave"] { background: #b3292f; color: #fff; }
`;
