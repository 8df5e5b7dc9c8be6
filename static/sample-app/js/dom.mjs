// Makes elements. Text always goes in as text, so nothing a server sends can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: `h("p", { class: "hint" }, "text", child)`. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** Replaces all that an element holds. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat().filter(present));
  return element;
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (!present(value)) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter(present));
  return element;
}

function present(value) {
  return value !== null && value !== undefined && value !== false;
}
