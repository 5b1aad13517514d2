// Building elements without a framework: one function, and everything that goes through it is text, never HTML.

type Attribute = string | number | boolean | undefined | ((event: Event) => void);
export type Child = Node | string | false | undefined | null;

function setAttribute(element: Element, name: string, value: Attribute): void {
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
}

/** h("button", { class: "round", onclick: … }, "Join") */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(
    ...children.filter((child): child is Node | string => child !== false && child !== undefined && child !== null),
  );
  return element;
}

const svgNamespace = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Calls `render` once after this task, however often it is asked to. */
export function batched(render: () => void): () => void {
  let wanted = false;
  return () => {
    if (wanted) return;
    wanted = true;
    queueMicrotask(() => {
      wanted = false;
      render();
    });
  };
}

/** Sets text only where it differs, so that selections and screen readers are left in peace. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
