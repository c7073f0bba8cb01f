type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An element; what is inside it is text, never markup. `true` is an attribute without a value, `false` and undefined are none. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

export function setAttributes(of: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const text = value === true ? '' : value;
    if (text === undefined || text === false) of.removeAttribute(name);
    else if (of.getAttribute(name) !== `${text}`) of.setAttribute(name, `${text}`);
  }
}

/** Sets a text where it is another. */
export function setText(of: Element, text: string): void {
  if (of.textContent !== text) of.textContent = text;
}

const shapes = {
  back: 'M4 3h2v10H4zM14 3v10L7 8z',
  play: 'M4 2.5v11l9-5.5z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  forth: 'M10 3h2v10h-2zM2 3v10l7-5z',
  export: 'M7 2h2v6h3l-4 4-4-4h3zM2 13h12v1.5H2z',
  closed: 'M6 4l4 4-4 4z',
  open: 'M4 6l4 4 4-4z',
  timer:
    'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zm0 1.5a4.3 4.3 0 1 1 0 8.6 4.3 4.3 0 0 1 0-8.6zM7.3 5h1.4v3l2 1.4-.8 1.1-2.6-1.8z',
} as const;

export type IconName = keyof typeof shapes;

export function icon(name: IconName): SVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  setAttributes(svg, { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true' });
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}
